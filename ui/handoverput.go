package ui

import (
	"context"
	"fmt"

	"fyne.io/fyne/v2/widget"

	"mutual/core/deploy"
	"mutual/ui/widgets"
)

// onUpload asks what has to be asked before something is replaced, and uploads.
func (u *handoverUpload) onUpload() {
	if u.h.result == nil || u.chosen == nil || !u.known || u.stop != nil {
		return
	}
	made, d, before := *u.h.result, *u.chosen, u.installed
	text, yes, importance := "", "Upload", widget.HighImportance
	if made.Failed() {
		_, text = verdict(made)
		text += " EMQX judges again, and will probably refuse it."
		yes, importance = "Upload all the same", widget.DangerImportance
	}
	if before != nil {
		if text != "" {
			text += "\n\n"
		}
		text += fmt.Sprintf("%s has a %s certificate until %s. It is replaced, which cannot be undone: EMQX gives no certificate back. Clients that do not trust the new one no longer connect.",
			d.Name, before.Type, before.Expire)
		if !made.Failed() {
			yes, importance = "Replace it", widget.DangerImportance
		}
	}
	if text == "" {
		u.put(made, d, false)
		return
	}
	u.h.w.question("Upload to "+d.Name+"?", yes, "Keep it as it is", paragraph(text), importance, func(ok bool) {
		if ok {
			u.put(made, d, before != nil)
		} else {
			u.say(widgets.Neutral, "Nothing was changed.")
		}
	})
}

// put uploads and waits until the certificate is in use.
func (u *handoverUpload) put(made deploy.Handover, d deploy.Deployment, replace bool) {
	api, problem := u.client()
	if problem != "" || u.stop != nil {
		u.say(widgets.Bad, problem)
		return
	}
	type outcome struct {
		installed deploy.Installed
		uploaded  bool
		err       error
	}
	pause := u.pause
	ctx := u.begin("Uploading to " + d.Name + "…")
	say := u.sayer(ctx)
	run(u.h.w.env.async, ctx, func(ctx context.Context) (o outcome) {
		if o.installed, o.err = api.Upload(ctx, d.ID, made, replace); o.err != nil {
			return o
		}
		o.uploaded = true
		if o.installed.Running() {
			return o
		}
		say(waitingText(u.h.w.env.now().Format("15:04:05"), o.installed))
		now, err := api.AwaitRunning(ctx, d.ID, pause, func(i deploy.Installed) { say(waitingText(u.h.w.env.now().Format("15:04:05"), i)) })
		if o.err = err; err == nil {
			o.installed = now
		}
		return o
	}, func(o outcome) {
		if !u.end() {
			if o.uploaded {
				u.h.w.tell(widgets.Good, fmt.Sprintf("%s has the new certificate; the window no longer waits until it is in use.", d.Name))
			}
			return
		}
		if o.uploaded {
			u.saw(o.installed, true)
		}
		switch {
		case o.err == nil:
			text := fmt.Sprintf("%s uses the new %s certificate, until %s.", d.Name, o.installed.Type, o.installed.Expire)
			u.say(widgets.Good, text)
			u.h.say(widgets.Good, text)
		case o.uploaded:
			u.fail(o.err, d.Name+" has the new certificate. It is no longer waited for until it is in use.")
		default:
			u.fail(o.err, "Cancelled. The certificate may have arrived all the same: choose the deployment again to see.")
			u.unknown()
		}
	})
}

// onRemove asks, and takes the certificate from the deployment.
func (u *handoverUpload) onRemove() {
	if u.chosen == nil || u.installed == nil || u.stop != nil {
		return
	}
	d := *u.chosen
	text := fmt.Sprintf("%s has a %s certificate until %s. Without it the deployment closes its ports 8883 and 8084, and every client on them is disconnected until another certificate is uploaded. "+
		"EMQX gives no certificate back.", d.Name, u.installed.Type, u.installed.Expire)
	u.h.w.question("Remove the certificate from "+d.Name+"?", "Remove it", "Keep it", paragraph(text), widget.DangerImportance, func(ok bool) {
		if ok {
			u.takeAway(d)
		} else {
			u.say(widgets.Neutral, "Nothing was changed.")
		}
	})
}

// takeAway removes the certificate of d.
func (u *handoverUpload) takeAway(d deploy.Deployment) {
	api, problem := u.client()
	if problem != "" || u.stop != nil {
		u.say(widgets.Bad, problem)
		return
	}
	ctx := u.begin("Removing the certificate from " + d.Name + "…")
	run(u.h.w.env.async, ctx, func(ctx context.Context) error { return api.Remove(ctx, d.ID) }, func(err error) {
		switch {
		case !u.end() && err == nil:
			u.h.w.tell(widgets.Good, d.Name+" has no certificate of its own any more.")
		case u.h.ctx.Err() != nil:
		case err != nil:
			u.fail(err, "Cancelled. The certificate may be gone all the same: choose the deployment again to see.")
			u.unknown()
		default:
			text := d.Name + " has no certificate of its own any more."
			u.saw(deploy.Installed{}, false)
			u.say(widgets.Good, text)
			u.h.say(widgets.Neutral, text)
		}
	})
}

// unknown forgets what the deployment has: it is to be asked before the next try.
func (u *handoverUpload) unknown() {
	u.known = false
	u.deployment.ClearSelected()
	u.chosen = nil
	setVisible(u.there, false)
	u.enableUpload()
}

func waitingText(clock string, i deploy.Installed) string {
	return fmt.Sprintf("The certificate has arrived and is %s (asked at %s). Until it is running can take some minutes.", i.Status, clock)
}

// sayer returns a function, for any goroutine, that shows how far the upload is.
func (u *handoverUpload) sayer(ctx context.Context) func(string) {
	return func(text string) {
		u.h.w.env.async.post(func() {
			if ctx.Err() == nil && u.stop != nil {
				u.say(widgets.Neutral, text)
			}
		})
	}
}
