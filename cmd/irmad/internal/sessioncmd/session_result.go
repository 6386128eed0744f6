package sessioncmd

import (
	"context"
	"encoding/json"
	"fmt"
)

// printResults prints the result, and those of the sessions that are chained to
// this one.
func (r *sessionRun) printResults(ctx context.Context) error {
	token := r.pkg.Token
	if token == "" {
		_, err := fmt.Fprintln(r.Stdout, "No session result available.")
		return err
	}
	for token != "" {
		for _, err := range r.server.Statuses(ctx, token) {
			if err != nil {
				return err
			}
		}
		result, err := r.server.Result(ctx, token)
		if err != nil {
			return err
		}
		fmt.Fprintln(r.Stdout, "Session result:")
		encoder := json.NewEncoder(r.Stdout)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "    ")
		if err := encoder.Encode(result); err != nil {
			return fmt.Errorf("printing result: %w", err)
		}
		token = result.NextSession
	}
	return nil
}
