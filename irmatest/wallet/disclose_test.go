package wallet_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

func TestDisclosure(t *testing.T) {
	t.Parallel()
	server, approving := fixture(t, wallet.Config{})
	generous := filled(t, server, wallet.Config{Choose: wallet.ApproveAll})
	other := filled(t, server, wallet.Config{Choose: lastOptions})

	for _, tc := range []struct {
		name   string
		wallet *wallet.Wallet
		req    *irma.SessionRequest
		want   [][]string
	}{
		{"one attribute", approving, disclosure(irma.DisCon{con(over18)}), [][]string{{"yes"}}},
		{"two of one credential in two disjunctions", approving,
			disclosure(irma.DisCon{con(over21)}, irma.DisCon{con(over18)}), [][]string{{"no"}, {"yes"}}},
		{"two of one credential in one conjunction", approving,
			disclosure(irma.DisCon{con(over21, over18)}), [][]string{{"no", "yes"}}},
		{"two credential types in one conjunction", approving,
			disclosure(irma.DisCon{con(bsn, city, familyName)}), [][]string{{"999", "London", "Lovelace"}}},
		{"newest instance", approving, disclosure(irma.DisCon{con(city)}), [][]string{{"London"}}},
		{"other instance chosen", other, disclosure(irma.DisCon{con(city)}), [][]string{{"Utrecht"}}},
		{"instance with the required value", approving,
			disclosure(irma.DisCon{withValue(city, "Utrecht")}), [][]string{{"Utrecht"}}},
		{"two instances in two disjunctions", approving,
			disclosure(irma.DisCon{withValue(city, "Utrecht")}, irma.DisCon{withValue(city, "London")}),
			[][]string{{"Utrecht"}, {"London"}}},
		{"second alternative", approving,
			disclosure(irma.DisCon{withValue(over18, "no"), con(bsn)}), [][]string{{"999"}}},
		{"absent attribute", approving, disclosure(irma.DisCon{con(prefix)}), [][]string{{"-"}}},
		{"credential as such", approving, disclosure(irma.DisCon{con(ageLimits)}), [][]string{{"present"}}},
		{"optional left out", approving,
			disclosure(irma.DisCon{con(bsn), con()}, irma.DisCon{con(over18)}), [][]string{{}, {"yes"}}},
		{"optional given", generous,
			disclosure(irma.DisCon{con(), con(bsn)}, irma.DisCon{con(over18)}), [][]string{{"999"}, {"yes"}}},
		{"optional that cannot be given", generous,
			disclosure(irma.DisCon{con(), withValue(bsn, "1")}, irma.DisCon{con(over18)}), [][]string{{}, {"yes"}}},
		{"the same attribute twice", approving,
			disclosure(irma.DisCon{con(over18)}, irma.DisCon{con(over18)}), [][]string{{"yes"}, {"yes"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			result, err := server.Run(t, tc.wallet, tc.req)
			if err != nil {
				t.Fatal(err)
			}
			if result.Status != irma.StatusDone || result.ProofStatus != irma.ProofValid {
				t.Errorf("session is %s with proofs %s", result.Status, result.ProofStatus)
			}
			if diff := cmp.Diff(tc.want, values(result)); diff != "" {
				t.Errorf("disclosed (-want +got):\n%s", diff)
			}
		})
	}
}

func lastOptions(_ context.Context, q *wallet.Question) ([]int, error) {
	var chosen []int
	for _, options := range q.Disjunctions {
		chosen = append(chosen, len(options)-1)
	}
	return chosen, nil
}

func TestMissingAttributes(t *testing.T) {
	t.Parallel()
	server, w := fixture(t, wallet.Config{})
	notNull := irma.DisCon{irma.Con{{Type: prefix, NotNull: true}}}
	wrongValue := irma.DisCon{withValue(city, "Paris"), withValue(over18, "no")}
	notHeld := irma.DisCon{con(votingNumber)}
	// No single instance has both.
	mixed := irma.DisCon{irma.Con{{Type: city, Value: text("Utrecht")}, {Type: city, Value: text("London")}}}

	result, err := server.Run(t, w, disclosure(irma.DisCon{con(over18)}, notNull, wrongValue, notHeld, mixed))
	missing := new(wallet.MissingError)
	if !errors.As(err, &missing) || !errors.Is(err, wallet.ErrMissingAttributes) {
		t.Fatalf("error %v", err)
	}
	want := []irma.DisCon{notNull, wrongValue, notHeld, mixed}
	if diff := cmp.Diff(want, missing.Disjunctions); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
	if result.Status != irma.StatusCancelled {
		t.Errorf("session is %s", result.Status)
	}
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken chooser")
	for name, tc := range map[string]struct {
		choose wallet.Chooser
		want   error
	}{
		"refused":      {wallet.Refuse, wallet.ErrRefused},
		"other error":  {func(context.Context, *wallet.Question) ([]int, error) { return nil, broken }, broken},
		"wrong number": {func(context.Context, *wallet.Question) ([]int, error) { return []int{0, 0}, nil }, nil},
		"out of range": {func(context.Context, *wallet.Question) ([]int, error) { return []int{2}, nil }, nil},
		"negative":     {func(context.Context, *wallet.Question) ([]int, error) { return []int{-1}, nil }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, w := fixture(t, wallet.Config{Choose: tc.choose})
			result, err := server.Run(t, w, disclosure(irma.DisCon{con(city)}))
			if err == nil || (tc.want != nil && !errors.Is(err, tc.want)) {
				t.Errorf("error %v, want %v", err, tc.want)
			}
			if result.Status != irma.StatusCancelled || result.Disclosed != nil {
				t.Errorf("session is %s, disclosed %v", result.Status, result.Disclosed)
			}
		})
	}
}

func TestQuestion(t *testing.T) {
	t.Parallel()
	var asked *wallet.Question
	server, w := fixture(t, wallet.Config{Choose: func(ctx context.Context, q *wallet.Question) ([]int, error) {
		asked = q
		return wallet.Approve(ctx, q)
	}})
	req := disclosure(irma.DisCon{con(bsn, city), con(), con(over18)})
	if _, err := server.Run(t, w, req); err != nil {
		t.Fatal(err)
	}
	type option struct {
		Conjunction int
		Values      []string
	}
	var got []option
	for _, o := range asked.Disjunctions[0] {
		values := []string{}
		for _, attr := range o.Attributes {
			values = append(values, *attr.Value)
		}
		got = append(got, option{o.Conjunction, values})
	}
	want := []option{{1, []string{}}, {0, []string{"999", "London"}}, {0, []string{"999", "Utrecht"}}, {2, []string{"yes"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("options (-want +got):\n%s", diff)
	}
	if "http://"+asked.Server != server.URL {
		t.Errorf("asked by %s, want %s", asked.Server, server.URL)
	}
}
