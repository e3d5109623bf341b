package config

import (
	"net/url"
	"os"
	"strings"

	"calbell/config/yamltree"

	"calbell"
)

// account reads an item of accounts.
func (r *reader) account(path string, n *yamltree.Node) {
	a := calbell.Account{Origin: calbell.OriginFile}
	password, token := secretKeys{key: "password"}, secretKeys{key: "token"}
	// An invalid item is kept, so that positions in the list are those in the file.
	defer func() { r.cfg.Accounts = append(r.cfg.Accounts, a) }()
	if !r.is(path, n, yamltree.Mapping) {
		return
	}
	r.mapping(path, n, token.into(password.into(fields{
		"name":      name(&a.Name).required(),
		"owner":     text(&a.Owner),
		"url":       text(&a.URL).required(),
		"username":  text(&a.Username),
		"addresses": each(&a.Addresses, text),
		"time_zone": zoneName(&a.TimeZone),
		"calendars": calendars(&a.Calendars),

		"trust_invitations": boolean(&a.TrustInvitations),
		"webhook":           webhookName(&a.Default.Webhook),
		"aliases":           aliases(&a.Aliases),
		"categories":        categories(&a.Categories),
		"write_back":        boolean(&a.WriteBack),

		"client_certificate": pemFile(&a.ClientCertificate, false),
		"client_key":         pemFile(&a.ClientKey, true),
		"ca_file":            pemFile(&a.CAFile, false),
	}.reminders(&a.Default.Remind, &a.Default.RemindAllDay, &a.Default.Mode))))
	secret, _ := r.secret(path, &password)
	a.Password = calbell.Secret(secret)
	secret, _ = r.secret(path, &token)
	a.Token = calbell.Secret(secret)
	r.accountURL(path, a)
	r.signIn(path, n, a)
}

// signIn checks how an account signs in. A password that was given and cannot be read is
// reported where it is read.
func (r *reader) signIn(path string, n *yamltree.Node, a calbell.Account) {
	hasPassword := hasAny(n, "password", "password_file", "password_credential")
	if hasPassword && a.Password == "" {
		a.Password = "given"
	}
	if hasAny(n, "token", "token_file", "token_credential") && a.Token == "" {
		a.Token = "given"
	}
	wrong := calbell.CheckSignIn(a)
	for i, f := range wrong {
		if f.Name == "password" && !hasPassword {
			wrong[i].Name = "username" // the only key that exists to point at
		}
	}
	r.failFields(path, wrong)
}

// accountURL checks where discovery starts: a URL, a host, or a mail address.
func (r *reader) accountURL(path string, a calbell.Account) {
	if a.URL == "" {
		return
	}
	at := path + ".url"
	if !strings.Contains(a.URL, "://") {
		r.bareAddress(at, a.URL)
		return
	}
	if strings.Contains(a.URL, "@") {
		r.doc.Hide(r.doc.Index[at])
	}
	u, bad := calendarURL(a.URL)
	switch {
	case bad != nil:
		r.reject(at, bad)
	case u.User != nil:
		r.fail(at, calbell.T("config:url-sign-in", "the URL holds a sign-in"), calbell.T("config:put-under-username", "put it under username and password_file"))
	case u.Fragment != "":
		r.fail(at, calbell.T("config:url-fragment", "a calendar server's URL has no part after #"), calbell.Text{})
	}
}

// bareAddress checks a host or a mail address. Any other text may be a password, so it is
// not shown.
func (r *reader) bareAddress(at, text string) {
	if calbell.IsMailAddress(text) {
		return
	}
	u, err := url.Parse("https://" + text)
	if err == nil && u.User == nil && u.Hostname() != "" && !strings.ContainsAny(text, " \t\n@") {
		return
	}
	r.doc.Hide(r.doc.Index[at])
	r.fail(at, calbell.T("config:no-url-host-address", "this is no URL, host or mail address"), urlHint)
}

// calendarURL parses the URL of a calendar server, of a subscription or of a local file.
func calendarURL(text string) (*url.URL, *yamltree.Error) {
	if scheme, rest, _ := strings.Cut(text, "://"); scheme == "webcal" || scheme == "webcals" {
		return webURL("https://" + rest)
	}
	if !isLocalFile(text) {
		return webURL(text)
	}
	u, err := url.Parse(text)
	if err != nil || u.Host != "" && u.Host != "localhost" || u.Path == "" {
		return nil, fault(calbell.T("config:file-url-unreadable", "the URL of the file cannot be read"), calbell.T("config:such-as-file-url", "such as file:///srv/calendars/team.ics"))
	}
	return u, nil
}

func isLocalFile(text string) bool { return strings.HasPrefix(text, "file://") }

// pemFile reads the path of a PEM file and checks that the file can be read. Its contents
// are checked when they are used. A key is a secret, a certificate is not.
func pemFile(to *string, secret bool) reading {
	return single(textShape(), func(r *reader, path string, n *yamltree.Node) {
		if bad := r.path(to).set(n.Text); bad != nil {
			r.reject(path, bad)
			return
		}
		f, err := os.Open(*to)
		if err != nil {
			bad := openFault(*to, err)
			r.reject(path, bad)
			return
		}
		f.Close()
		r.uses(*to, secret)
	})
}
