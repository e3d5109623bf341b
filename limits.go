package calbell

import "time"

// Limits on outside data and on queues inside. Each states its reason. Code that loops over
// outside data names one of them, or a limit of its own beside the loop.
const (
	// MaxObjectBytes limits one calendar object. Real ones with embedded attachments reach some
	// hundred kB; ten times that is rejected before parsing.
	MaxObjectBytes = 4 << 20
	// MaxLineBytes limits an unfolded content line: go-ical's parameter parser is quadratic.
	MaxLineBytes = 256 << 10
	// MaxParamBytes limits the parameters of a line for the same reason: parsing 32 kB takes
	// some 0.3 s at worst.
	MaxParamBytes = 16 << 10
	// MaxComponentDepth limits nested BEGINs: the parser recurses, and a stack overflow cannot
	// be recovered. VCALENDAR › VEVENT › VALARM is 3.
	MaxComponentDepth = 16
	// MaxFileBytes limits an .ics file or subscription, which holds many events.
	MaxFileBytes = 100 << 20

	// MaxAlarms limits the alarms of one component; people set fewer than ten.
	MaxAlarms = 64
	// MaxAlarmRepeat limits REPEAT of one alarm.
	MaxAlarmRepeat = 100
	// MaxRemindersPerLayout limits the reminders that one object lays out at once. The layout
	// continues from there later, so nothing is lost.
	MaxRemindersPerLayout = 2000
	// MaxBindings limits the bindings of one event, and MaxRouted the webhooks of one alarm.
	MaxBindings, MaxRouted = 64, 16
	// MaxPatternBytes limits a text or expression of a rule: nobody can read longer ones.
	MaxPatternBytes = 1000
	// MaxWarnings limits the warnings that are stored with an object: a text can have hundreds,
	// and more than a few add nothing new.
	MaxWarnings = 20
	// MaxPatternSteps limits an expression with its repetitions written out. Each step takes
	// some 50 bytes and, at worst, is tried at each character: 900 characters repeated 1,000
	// times took 41 MB and minutes for one event.
	MaxPatternSteps = 5000
	// MaxOwnPatternSteps limits the expressions of all rules of one user, which are tried on
	// each of their events.
	MaxOwnPatternSteps = 20_000
	// MaxOwnBytes limits what one user stores by hand, in bytes of JSON: webhooks with their
	// templates, rules, accounts and settings of calendars. All of it is kept in memory. A
	// typical webhook takes a few hundred bytes, a large template some ten thousand.
	MaxOwnBytes = 1 << 20
	// MaxAccountBindings limits the bindings of one user's account, and MaxPauses the pauses of
	// one user.
	MaxAccountBindings, MaxPauses = 2000, 500
	// MaxOwnObjects and MaxOwnObjectBytes limit the events of all calendars of one user, as
	// their servers have them: the page's index takes some 700 bytes for each, the database the
	// text.
	MaxOwnObjects, MaxOwnObjectBytes = 100_000, 512 << 20
	// MaxOwnCalendars limits the calendars of one user: each is requested at every sync.
	MaxOwnCalendars = 500
	// MaxGrownObject is the size to which a stored event may still grow when its owner has more
	// than MaxOwnObjectBytes.
	MaxGrownObject = 64 << 10
	// MaxSameUID limits the copies of one event that are looked up by its UID, in all calendars
	// together, and MaxSameUIDBytes their text: a meeting of a large company is in hundreds of
	// calendars, at some kB each.
	MaxSameUID, MaxSameUIDBytes = 1000, 32 << 20
	// MaxNoticeItems limits the reminders that one notice lists; the rest is counted.
	MaxNoticeItems = 20
	// MaxAgendaRows limits the events of one digest: more do not fit a message. MaxAgendaText
	// limits each of their texts, in characters: more do not fit a line.
	MaxAgendaRows, MaxAgendaText = 200, 400
	// MaxSessions limits the sessions of one user: the oldest are signed out.
	MaxSessions = 50
	// MaxTries is the number of tries that a delivery records: the latest ones.
	MaxTries = 20

	// MaxMessageRunes is the default length at which a message is cut: old Mattermost servers
	// take 4,000 characters, and splitting a text in two can fail half-way.
	MaxMessageRunes = 3900
	// MinMaxLength and MaxMaxLength limit a webhook's own max_length. A shorter message would
	// be an ellipsis; Mattermost splits a longer one into several posts.
	MinMaxLength, MaxMaxLength = 100, 16383
	// MaxAnswerBytes limits how much of a webhook's answer is read.
	MaxAnswerBytes = 16 << 10
	// MaxAnswerShown limits how much of it is stored for people.
	MaxAnswerShown = 500
	// MaxDAVBytes limits one response of a calendar server, after decompression. A listing of
	// 100,000 ETags is some 30 MB.
	MaxDAVBytes = 64 << 20
	// MaxXMLDepth limits nested elements of a response; real ones are about 8 deep.
	MaxXMLDepth = 64
	// MaxXMLTag limits one tag, comment or instruction, and MaxXMLAttributes the attributes of
	// a tag: real ones have a few hundred bytes and some ten namespaces. For a short attribute
	// the decoder takes 100 times the memory of its text.
	MaxXMLTag, MaxXMLAttributes = 64 << 10, 256
	// MaxXMLEntry limits one resource's part of a response, when no object texts were
	// requested: the longest description is that of a zone, some 100 kB.
	MaxXMLEntry = 1 << 20
	// MaxXMLPieces limits the elements and attributes of a listing: 250,000 entries of ten.
	// Each costs a microsecond. Other responses may have a tenth of that.
	MaxXMLPieces = 3_000_000
	// MaxSyncPages limits the pages of one sync-collection run.
	MaxSyncPages = 10000
	// MaxRatePerSecond limits a webhook's configured posts per second: no chat accepts a
	// thousand.
	MaxRatePerSecond = 1000
	// MaxConfigBytes limits the configuration file.
	MaxConfigBytes = 4 << 20
	// MaxTemplateBytes limits one message template.
	MaxTemplateBytes = 64 << 10
)

// Times of the delivery contract.
const (
	// Horizon is how far ahead reminders are laid out, beside the next one of each event.
	Horizon = 48 * time.Hour
	// DefaultLateWindow is how late a reminder is still sent even when its event is over.
	DefaultLateWindow = time.Hour
	// MoveWindow is how long after its removal from one calendar an event may appear in another
	// and still have the reminders sent late that fell due in between: the two calendars are
	// synced one after the other, and one of them may be refused for a while.
	MoveWindow = 15 * time.Minute
	// MaxRetry is how long after its due time a reminder is retried.
	MaxRetry = 24 * time.Hour
	// MaxRetryAfter limits the wait that a webhook may ask for.
	MaxRetryAfter = time.Hour
	// AttemptTimeout limits one POST with its answer.
	AttemptTimeout = 15 * time.Second
	// Lease is how long a claim lasts: one attempt, and ample time to record it.
	Lease = 2 * time.Minute
	// MaxSleep limits the dispatcher's timers: clocks step and machines sleep.
	MaxSleep = 30 * time.Second
	// KeepGone is how long bindings are stored after their event is gone: a client may delete
	// an event and create it again, or a server lose it for a while.
	KeepGone = 30 * 24 * time.Hour
	// KeepFinished is how long finished deliveries are stored.
	KeepFinished = 90 * 24 * time.Hour
)
