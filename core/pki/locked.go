package pki

// LockedError is for a file none of whose private keys could be opened.
type LockedError struct {
	File  string
	Wrong bool // a passphrase was given, and does not open them; else there was none
}

func (e *LockedError) Error() string {
	if e.Wrong {
		return "the passphrase does not open the key in " + e.File
	}
	return "the key in " + e.File + " is encrypted, and its passphrase was not given"
}

// shut is the first file with keys that are still locked and with none that was opened. Where only some are, the others
// are worth having: a Java keystore can have a passphrase for each.
func (inv *Inventory) shut() (path string, wrong bool) {
	for _, f := range inv.Files {
		if !f.Locked {
			continue
		}
		opened := false
		for _, i := range inv.itemsOf(f) {
			opened = opened || i.IsPrivateKey() && i.opened
			wrong = wrong || i.IsPrivateKey() && i.Block.Error != ""
		}
		if !opened {
			return f.Path, wrong
		}
		wrong = false
	}
	return "", false
}

// itemsOf are the items of one of inv's files.
func (inv *Inventory) itemsOf(f InventoryFile) []Item {
	return inv.Items[f.first : f.first+len(f.Blocks)]
}
