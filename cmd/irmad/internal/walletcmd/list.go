package walletcmd

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/walletapi"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

// listCredentials prints what is in a wallet.
func (f *walletFlags) listCredentials(p *cli.Process, attributes bool) error {
	if f.file == "" {
		return cli.Usage("wallet list and show need --file")
	}
	if _, err := os.Stat(f.file); err != nil {
		return fmt.Errorf("opening wallet: %w", err)
	}
	w, _, err := f.open(p, wallet.Config{})
	if err != nil {
		return err
	}
	reports := []walletapi.Credential{}
	for _, cred := range w.Credentials() {
		reports = append(reports, walletapi.NewCredential(cred, attributes))
	}
	if f.json {
		return json.NewEncoder(p.Stdout).Encode(reports)
	}
	for _, r := range reports {
		printCredential(p.Stdout, &r, "  ")
	}
	return nil
}
