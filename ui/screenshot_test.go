package ui

import (
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mutual/ui/widgets"
)

// shoot writes the window to the folder that MUTUAL_SCREENSHOTS names.
func (r *rig) shoot(name string) {
	r.t.Helper()
	dir := os.Getenv("MUTUAL_SCREENSHOTS")
	if dir == "" || !strings.HasPrefix(r.t.Name(), "TestScreenshots") {
		return
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		r.t.Fatal(err)
	}
	for _, v := range []widgets.Variant{widgets.Light, widgets.Dark} {
		r.setTheme(v)
		r.settle()
		r.relayout()
		r.relayout()
		f, err := os.Create(filepath.Join(dir, name+"-"+string(v)+".png"))
		if err != nil {
			r.t.Fatal(err)
		}
		if err := png.Encode(f, r.win.Canvas().Capture()); err != nil {
			r.t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			r.t.Fatal(err)
		}
	}
}

// TestScreenshots fills that folder by playing the stories; without it there is nothing to do.
func TestScreenshots(t *testing.T) {
	if os.Getenv("MUTUAL_SCREENSHOTS") == "" {
		t.Skip("MUTUAL_SCREENSHOTS names no folder")
	}
	for name, story := range map[string]func(*testing.T){
		"pages": testPages, "first minute": TestFirstMinute, "wrong anchor": TestWrongAnchor, "faults": TestFaults,
		"new connection": TestNewConnection, "wrong files": TestWrongFiles, "verify": TestVerifyAsks, "websocket": TestWebSocketAndProxy, "drop": TestDrop, "wizard": TestWizard, "wizard presets": TestWizardPresets,
		"delete": TestDeleteAndUndo, "nothing": TestDeleteTheLast,
		"scrolled up": TestScrolledUp, "detail": TestDetail, "vanishes": TestBrokerVanishes, "cancel": TestCancel, "passphrase": TestPassphrase,
		"explain": TestExplain, "explain not shown": TestExplainNotShown, "explain nonsense": TestExplainNonsense,
		"report":   TestReport,
		"practise": TestPractise, "practise next": TestPractiseNext, "practise search": TestPractiseSearch, "practise narrow": TestPractiseNarrow, "long name": TestLongNameNarrow,
		"guide": TestGuide, "guide typed": TestGuideTyped, "guide delegated": TestGuideDelegatedElsewhere, "guide manual": TestGuideManual,
		"guide files gone": TestGuideFilesGone, "guide orders": TestGuideOrders, "guide customer": TestGuideExternalAccount, "guide chains": TestGuideTakesChain,
		"guide kept": TestGuideKept, "guide providers": TestGuideProviders,
		"guide rows": TestKeptRows, "guide locked": TestRenewalLocked, "guide address": TestGuideAddressOfKept, "guide corrected": TestGuideNameCorrected,
		"guide met":            TestGuideMet,
		"guide dynamic update": TestGuideDynamicUpdate, "guide http": TestGuideHTTP01, "guide services": TestGuideOtherServices, "guide leaves": TestGuideLeaves, "guide renewal fails": TestGuideRenewalFails,
		"hand over": TestHandover, "hand over brokers": TestHandoverBrokers, "hand over failed": TestHandoverFailed, "hand over empty": TestHandoverEmpty,
		"hand over passphrase": TestHandoverPassphrase, "hand over upload": TestHandoverUpload, "hand over refused": TestHandoverUploadRefused, "hand over remove": TestHandoverRemove,
		"workshop": TestWorkshopShowsATree, "workshop passphrase": TestWorkshopPassphrase, "workshop writes": TestWorkshopWrites, "workshop locked": TestLockedGroup,
		"probes": TestProbesAreShown, "refused": TestRefusedInSession, "explanation stays": TestExplanationStays, "drawn": TestCertificateAtFaultIsDrawn, "further": TestLookFurther, "further certificates": TestLookFurtherForCertificates,
		"expiry reminder": TestExpiryReminders, "expiry page": TestExpiryPage, "expiry empty": TestExpiryEmpty, "expiry narrow": TestExpiryNarrow,
		"import": TestImport, "import files": TestImportFiles, "import nothing": TestImportNothing, "import again": TestImportAgain, "import dropped": TestDropConnections, "export": TestExport,
		"make": TestMakeHierarchy, "make refused": TestMakeSaysWhoRefuses, "make signs": TestMakeSigns,
	} {
		t.Run(name, story)
	}
}

// testPages goes through the pages before anything was done.
func testPages(t *testing.T) {
	r := newRig(t, nil)
	for i, name := range []string{"messages", "diagnosis", "certificates", "settings", "practice", "letsencrypt"} {
		r.tabs.Select(i)
		r.shoot("idle-" + name)
	}
}
