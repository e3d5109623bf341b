package dialect

import "calbell"

// FieldText returns the name of a webhook's field for people. Paths such as attachments[0].text
// are returned unchanged.
func FieldText(name string) calbell.Text {
	switch name {
	case "name":
		return calbell.T("field:name", "name")
	case "kind":
		return calbell.T("field:kind", "kind")
	case "encoding":
		return calbell.T("field:encoding", "encoding")
	case "success":
		return calbell.T("field:success", "success")
	case "template":
		return calbell.T("field:template", "template")
	case "channel":
		return calbell.T("field:channel", "channel")
	case "username":
		return calbell.T("field:username", "username")
	case "icon_url":
		return calbell.T("field:icon-url", "icon_url")
	case "icon_emoji":
		return calbell.T("field:icon-emoji", "icon_emoji")
	case "type":
		return calbell.T("field:type", "type")
	case "attachments":
		return calbell.T("field:attachments", "attachments")
	case "blocks":
		return calbell.T("field:blocks", "blocks")
	case "payload":
		return calbell.T("field:payload", "payload")
	case "style":
		return calbell.T("field:style", "style")
	case "mentions":
		return calbell.T("field:mentions", "mentions")
	case "previews":
		return calbell.T("field:previews", "previews")
	case "max_length":
		return calbell.T("field:max-length", "max_length")
	case "time_zone":
		return calbell.T("field:time-zone", "time_zone")
	case "locale":
		return calbell.T("field:locale", "locale")
	case "on_unknown":
		return calbell.T("field:on-unknown", "on_unknown")
	case "rate_per_second":
		return calbell.T("field:rate-per-second", "rate_per_second")
	case "missed":
		return calbell.T("field:missed", "missed")
	}
	return calbell.Plain(name)
}
