package calbell

import "time"

// Limits on what comes from outside and on what waits inside. Each has a reason; code
// that loops over outside data names one of them, or a limit of its own beside the loop.
const (
	// MaxObjectBytes bounds one calendar object. Real ones with embedded attachments reach
	// some hundred kB; ten times that is refused before it is parsed.
	MaxObjectBytes = 4 << 20
	// MaxLineBytes bounds an unfolded content line: go-ical's parameter parser is quadratic.
	MaxLineBytes = 256 << 10
	// MaxParamBytes bounds the parameters of a line, for the same reason: 32 kB costs it
	// some 0.3 s at worst.
	MaxParamBytes = 16 << 10
	// MaxComponentDepth bounds nested BEGINs: the parser recurses, and a stack overflow
	// cannot be recovered. VCALENDAR › VEVENT › VALARM is 3.
	MaxComponentDepth = 16
	// MaxFileBytes bounds an .ics file or subscription, which holds many events.
	MaxFileBytes = 100 << 20

	// MaxAlarms bounds the alarms of one component; people set fewer than ten.
	MaxAlarms = 64
	// MaxAlarmRepeat bounds REPEAT of one alarm.
	MaxAlarmRepeat = 100
	// MaxRemindersPerLayout bounds what one object may lay out at once; the layout goes on
	// from there later, so nothing is lost.
	MaxRemindersPerLayout = 2000
	// MaxBindings bounds the bindings of one event, and MaxRouted the webhooks that one alarm
	// goes to.
	MaxBindings, MaxRouted = 64, 16
	// MaxPatternBytes bounds a text or expression of a rule: what is longer nobody reads again.
	MaxPatternBytes = 1000
	// MaxWarnings bounds the warnings that are stored with an object: more tell people nothing
	// new, and a text can have hundreds.
	MaxWarnings = 20
	// MaxPatternSteps bounds an expression with its repetitions written out. Each step takes some
	// 50 bytes and, at worst, is tried at each character: 900 characters repeated 1,000 times took
	// 41 MB and minutes for one event.
	MaxPatternSteps = 5000
	// MaxOwnPatternSteps bounds the expressions of all rules of one user, which are tried on each
	// of their events.
	MaxOwnPatternSteps = 20_000
	// MaxOwnBytes bounds what one user stores by hand, in bytes of JSON: webhooks with their
	// templates, rules, accounts and settings of calendars. All of it is in memory. A webhook of
	// one's own has a few hundred bytes, a large template some ten thousand.
	MaxOwnBytes = 1 << 20
	// MaxAccountBindings bounds the reminders that people attached to events of one user's
	// account, and MaxPauses the pauses of one user.
	MaxAccountBindings, MaxPauses = 2000, 500
	// MaxOwnObjects and MaxOwnObjectBytes bound the events of all calendars of one user, as their
	// servers have them: the page's index takes some 700 bytes for each, the database the text.
	MaxOwnObjects, MaxOwnObjectBytes = 100_000, 512 << 20
	// MaxOwnCalendars bounds the calendars of one user: every one is asked for at each sync.
	MaxOwnCalendars = 500
	// MaxGrownObject is how large an event may become that is there already when its owner has
	// more than MaxOwnObjectBytes.
	MaxGrownObject = 64 << 10
	// MaxSameUID bounds the copies of one event that are looked up by its UID, in all calendars
	// together, and MaxSameUIDBytes their text: a meeting of a large company is in hundreds of
	// calendars, at some kB each.
	MaxSameUID, MaxSameUIDBytes = 1000, 32 << 20
	// MaxNoticeItems bounds the reminders that one notice lists; the rest is counted.
	MaxNoticeItems = 20
	// MaxAgendaRows bounds the events of one digest: more lines than a message holds.
	// MaxAgendaText bounds each of their texts, in characters: more than a line shows.
	MaxAgendaRows, MaxAgendaText = 200, 400
	// MaxSessions bounds the browsers in which one user is signed in: the earliest are signed out.
	MaxSessions = 50
	// MaxTries is how many tries a delivery's record keeps: the latest ones.
	MaxTries = 20

	// MaxMessageRunes is where a message is cut by default: old Mattermost servers take
	// 4,000, and splitting a text in two can fail half-way.
	MaxMessageRunes = 3900
	// MinMaxLength and MaxMaxLength bound what a webhook may say instead. Below, a message
	// would be an ellipsis; above, Mattermost splits it into several posts.
	MinMaxLength, MaxMaxLength = 100, 16383
	// MaxAnswerBytes is how much of a webhook's answer is read.
	MaxAnswerBytes = 16 << 10
	// MaxAnswerShown is how much of it is kept for people.
	MaxAnswerShown = 500
	// MaxDAVBytes bounds one answer of a calendar server, after inflating. A listing of
	// 100,000 ETags is some 30 MB.
	MaxDAVBytes = 64 << 20
	// MaxXMLDepth bounds nested elements of an answer; a real one is about 8 deep.
	MaxXMLDepth = 64
	// MaxXMLTag bounds one tag, comment or instruction, and MaxXMLAttributes the attributes of a
	// tag: real ones have a few hundred bytes and some ten namespaces. The decoder takes 100
	// times as much memory for a short attribute as its text has.
	MaxXMLTag, MaxXMLAttributes = 64 << 10, 256
	// MaxXMLEntry bounds what an answer says about one resource, where no texts of objects were
	// asked for: the longest description is that of a zone, some 100 kB.
	MaxXMLEntry = 1 << 20
	// MaxXMLPieces bounds the elements and attributes of a listing: 250,000 entries of ten. Each
	// costs a microsecond. Other answers may have a tenth.
	MaxXMLPieces = 3_000_000
	// MaxSyncPages bounds the pages of one sync-collection run.
	MaxSyncPages = 10000
	// MaxRatePerSecond bounds the posts a second that a webhook may be given: no chat takes a
	// thousand.
	MaxRatePerSecond = 1000
	// MaxConfigBytes bounds the configuration file.
	MaxConfigBytes = 4 << 20
	// MaxTemplateBytes bounds one message template.
	MaxTemplateBytes = 64 << 10
)

// Times of the delivery contract.
const (
	// Horizon is how far ahead reminders are laid out, beside the next one of each event.
	Horizon = 48 * time.Hour
	// DefaultLateWindow: a reminder up to this late is still sent, however its instance fares.
	DefaultLateWindow = time.Hour
	// MoveWindow is how long after an event went from one calendar it may come up in another
	// and still have what fell due in between sent, late: the two are synced one after the
	// other, and one of them may be refused for a while.
	MoveWindow = 15 * time.Minute
	// MaxRetry is the longest a reminder is retried after it fell due.
	MaxRetry = 24 * time.Hour
	// MaxRetryAfter bounds the rest that a webhook may ask for.
	MaxRetryAfter = time.Hour
	// AttemptTimeout bounds one POST with its answer.
	AttemptTimeout = 15 * time.Second
	// Lease is how long a claim lasts unrecorded: an attempt and ample time to record it.
	Lease = 2 * time.Minute
	// MaxSleep is the longest timer the dispatcher trusts: clocks step and machines sleep.
	MaxSleep = 30 * time.Second
	// KeepGone is how long bindings are kept after their event is gone: a client may delete an
	// event and make it anew, a server lose it for a while.
	KeepGone = 30 * 24 * time.Hour
	// KeepFinished is how long ended deliveries are kept.
	KeepFinished = 90 * 24 * time.Hour
)
