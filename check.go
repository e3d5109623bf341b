package calbell

import (
	"strings"
	"unicode"
)

// MaxNameBytes limits the names that people give to what they define: a name is a key in the
// database and a column on a screen.
const MaxNameBytes = 200

// CheckName returns what is wrong with the name of something that people define, whoever defines
// it. A name is one line with a letter or digit, by which commands find it. No text repeats the
// name: it may be as long as a request.
func CheckName(name string) (wrong []FieldError) {
	switch {
	case Slug(name) == "":
		wrong = append(wrong, FieldError{Name: "name", What: T("domain:name-needs-letter", "a name needs a letter or a digit")})
	case len(name) > MaxNameBytes:
		wrong = append(wrong, FieldError{"name", T("domain:longer-than-bytes", "longer than %d bytes", MaxNameBytes), T("domain:shorten", "shorten it")})
	case strings.ContainsFunc(name, unicode.IsControl):
		wrong = append(wrong, FieldError{"name", T("domain:holds-line-break-or", "holds a line break or a control character"), T("domain:write-one-line", "write it on one line")})
	}
	return wrong
}

// CheckRule returns what is invalid in a rule, from whichever source. Its name, its patterns
// and its webhooks' names are checked where they are read.
func CheckRule(r Rule) (wrong []FieldError) {
	switch {
	case len(r.Webhooks) == 0 && r.Mode != ModeOff:
		wrong = append(wrong, FieldError{"webhooks", T("domain:rule-needs-webhooks", "a rule needs webhooks"), T("domain:rule-keeps-events-silent", "use mode off to silence events")})
	case len(r.Webhooks) > MaxRouted:
		wrong = append(wrong, FieldError{Name: "webhooks", What: T("domain:more-than-webhooks-one", "more than %d webhooks for one reminder", MaxRouted)})
	}
	if r.MaxDuration > 0 && r.MinDuration > r.MaxDuration {
		wrong = append(wrong, FieldError{Name: "max_duration", What: T("domain:max-duration-shorter-than", "max_duration is shorter than min_duration")})
	}
	if r.Mode == ModeReplace && len(r.Remind)+len(r.RemindAllDay) == 0 {
		wrong = append(wrong, FieldError{"mode", T("domain:replace-without-times-leaves", "mode replace without times silences all reminders"), T("domain:mode-off-says-so", "use mode off, or add reminder times")})
	}
	return wrong
}

// CheckSignIn returns what is invalid in how an account authenticates, from whichever source.
func CheckSignIn(a Account) (wrong []FieldError) {
	switch {
	case a.Token != "" && (a.Password != "" || a.Username != ""):
		wrong = append(wrong, FieldError{"token", T("domain:both-token-username-or", "both a token and a username or password are given"), T("domain:token-signs-itself", "a token needs no username or password")})
	case a.Username != "" && a.Password == "":
		wrong = append(wrong, FieldError{"password", T("domain:no-password-username", "no password for this username"), T("domain:many-servers-want-app", "many servers want an app password here")})
	case a.Username == "" && a.Password != "" && !IsMailAddress(a.URL):
		wrong = append(wrong, FieldError{Name: "username", What: T("domain:password-needs-username", "a password needs a username")})
	case strings.HasPrefix(a.URL, "file://") && (a.Token != "" || a.Password != ""):
		wrong = append(wrong, FieldError{"url", T("domain:file-machine-needs-no", "a file on this machine needs no username, password or token"), T("domain:remove-username-password-token", "remove username, password and token")})
	}
	lonelyKey := T("domain:client-key-alone", "a client key needs a client certificate")
	if a.ClientKey != "" && a.ClientCertificate == "" {
		wrong = append(wrong, FieldError{Name: "client_key", What: lonelyKey})
	}
	if a.ClientKeyPEM != "" && a.ClientCertificatePEM == "" {
		wrong = append(wrong, FieldError{Name: "client_key_pem", What: lonelyKey})
	}
	return wrong
}

// IsMailAddress reports whether a text entered as a URL is a mail address.
func IsMailAddress(text string) bool {
	local, domain, ok := strings.Cut(strings.TrimPrefix(text, "mailto:"), "@")
	return ok && local != "" && strings.Contains(domain, ".") && !strings.ContainsAny(local+domain, ":/@ \t\n")
}
