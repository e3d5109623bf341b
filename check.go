package calbell

import (
	"strings"
)

// CheckRule returns what is wrong with a rule, whoever made it. Its name, its patterns and the names
// of its webhooks are checked where they are read.
func CheckRule(r Rule) (wrong []FieldError) {
	switch {
	case len(r.Webhooks) == 0 && r.Mode != ModeOff:
		wrong = append(wrong, FieldError{"webhooks", T("domain:rule-needs-webhooks", "a rule needs webhooks"), T("domain:rule-keeps-events-silent", "a rule that keeps events silent has the mode off")})
	case len(r.Webhooks) > MaxRouted:
		wrong = append(wrong, FieldError{Name: "webhooks", What: T("domain:more-than-webhooks-one", "more than %d webhooks for one reminder", MaxRouted)})
	}
	if r.MaxDuration > 0 && r.MinDuration > r.MaxDuration {
		wrong = append(wrong, FieldError{Name: "max_duration", What: T("domain:max-duration-shorter-than", "max_duration is shorter than min_duration: no event is both")})
	}
	if r.Mode == ModeReplace && len(r.Remind)+len(r.RemindAllDay) == 0 {
		wrong = append(wrong, FieldError{"mode", T("domain:replace-without-times-leaves", "replace without times leaves nothing that rings"), T("domain:mode-off-says-so", "the mode off says so; or name the times")})
	}
	return wrong
}

// CheckSignIn returns what is wrong with how an account signs in, whoever made it.
func CheckSignIn(a Account) (wrong []FieldError) {
	switch {
	case a.Token != "" && (a.Password != "" || a.Username != ""):
		wrong = append(wrong, FieldError{"token", T("domain:both-token-username-or", "both a token and a username or password are given"), T("domain:token-signs-itself", "a token signs in by itself")})
	case a.Username != "" && a.Password == "":
		wrong = append(wrong, FieldError{"password", T("domain:no-password-username", "no password for this username"), T("domain:many-servers-want-app", "many servers want an app password here")})
	case a.Username == "" && a.Password != "" && !IsMailAddress(a.URL):
		wrong = append(wrong, FieldError{Name: "username", What: T("domain:password-needs-username", "a password needs a username")})
	case strings.HasPrefix(a.URL, "file://") && (a.Token != "" || a.Password != ""):
		wrong = append(wrong, FieldError{"url", T("domain:file-machine-needs-no", "a file of this machine needs no sign-in"), T("domain:remove-username-password-token", "remove username, password and token")})
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

// IsMailAddress reports whether a text is a mail address, as far as it stands in the place of a URL.
func IsMailAddress(text string) bool {
	local, domain, ok := strings.Cut(strings.TrimPrefix(text, "mailto:"), "@")
	return ok && local != "" && strings.Contains(domain, ".") && !strings.ContainsAny(local+domain, ":/@ \t\n")
}
