// Package calbell holds the words of the domain: what a calendar, an event, a reminder, a webhook and
// a delivery are. It has no I/O and no clock, and it imports the standard library and
// golang.org/x/text alone, so that every other package can import it.
//
// This comment walks through the whole module, from the bottom up. Read it once from top to bottom;
// afterwards you know where each thing is and why it is there. ARCHITECTURE.md has the same way of
// the data as tables, function by function, and says which files to touch to add something.
//
// # The words
//
// An account is a sign-in at a calendar server. It has calendars ([Calendar]), a calendar has objects
// ([Object]): one resource at the server with its raw text. A text holds events, an event has
// instances ([Instance]), an instance has alarms, and an alarm rings at an instant ([AlarmInstant]).
//
// A [Reminder] is one such instant for one [Webhook]. Its ID is a hash of webhook, UID, RECURRENCE-ID
// and instant, and of nothing else ([NewReminderID]). So to plan twice is to plan once, an edited title
// posts nothing again, and one meeting in five calendars is one post: each calendar is a [Source] of
// the reminder, which lives as long as one source wants it. A [Delivery] is the record of what became
// of it. It has the reminder's ID, a [Status], and its [Try] values with a [Verdict] each.
//
// People decide where reminders go. A [Binding] attaches a reminder to one event, a rule or a default
// makes reminders for many, a pause or quiet hours ([Quiet]) suppress them. A [Notice] is a message of
// Calbell's own (missed reminders, a webhook that refuses, an agenda); it is a reminder without an
// event and takes the same way.
//
// Values that are easily confused have types of their own, so that mistakes do not compile. A [Secret]
// never prints its value. A [Text] is a sentence with a key, by which it is translated later. The wall-clock
// time of a rule is not a time.Time: ical/zone makes one of the other.
//
// # Two loops and one queue
//
// Two loops share one queue in the database. Sync reads calendars and writes down what must happen:
// reminders, each with the instant at which it is due. Dispatch claims what is due, posts it and
// records the outcome. Nothing travels the other way, and no loop acts on what it has just learnt: it
// stores it, and another step acts on that. So a crash between any two steps leaves a state from which
// the next step is simply taken again.
//
// People stand beside the loops. The page, the API and the command line read the same database and
// change what is in it: a binding, a pause, a request to send something again.
//
// # How the walk is ordered
//
// A package imports only packages that come before it here. The rule is a table in
// internal/arch/table_test.go, checked over the compiler's own list: a package without a row fails, and
// so does an import that the row does not allow. The same tests hold this walk to the imports. Each
// third-party module has one home, but for those that the table names, so that it can be replaced in one
// place. A pure package does no I/O and reads no clock: what needs the time takes it as an argument.
//
// # Small tools
//
// These know nothing of calendars, and come first because the adapters below use them.
//
//   - [calbell/internal/failpoint] names the places at which a test build can be stopped or made to
//     fail: before and after each commit, rename, wait for the disk and post. In the shipped program
//     its functions are empty.
//   - [calbell/internal/durable] writes files that appear whole and on disk, or not at all.
//   - [calbell/internal/rights] describes who may read or change a file, for warnings about secrets.
//   - [calbell/internal/scheme] recognises http spoken to https, and the reverse, from the answer.
//   - [calbell/internal/filltest] fills structs, for tests that carry every field from one place to
//     another.
//
// # From text to instants
//
// A server gives text; a reminder needs instants. Everything between is pure, so that the same text
// gives the same instants, whoever asks: sync, the page, or "calbell expand" over a file.
//
//   - [calbell/ical/syntax] takes iCalendar text apart: bytes, lines, components, properties. What is
//     damaged costs its own component and is reported. Readers and editors share it, so that both find
//     the same component.
//   - [calbell/ical/recur] expands recurrence rules on the wall clock. It knows no zones, because a rule
//     speaks of the clock on the wall, and because a VTIMEZONE, which defines a zone, has rules itself.
//     It seeks by arithmetic, and every call does a bounded number of steps.
//   - [calbell/ical/zone] finds the zone that a TZID means (IANA, the text's VTIMEZONE, Windows names)
//     and maps wall-clock times to instants.
//   - [calbell/ical] puts the three together: text to events, instances and alarm instants. The numbers
//     D1 to D32 in its comments are decisions where the RFCs leave a question open; docs/rfc-coverage.md
//     lists them.
//   - [calbell/ical/edit] writes: a new event, or alarms into an existing one, with every other byte
//     unchanged. It works out no instants, so it does not import ical.
//
// # From a server to text
//
// The client is our own, because with the available ones one broken object hides all others of its
// calendar, and a reminder daemon must not lose those (docs/decisions/0001-go-webdav.md).
//
//   - [calbell/caldav/dav] is the bodies of WebDAV: questions to XML, answers to responses, bounded in
//     memory before anything recurses.
//   - [calbell/caldav/transport] carries one request to the account's servers. Here, and nowhere else, is
//     decided where credentials may go.
//   - [calbell/caldav/ics] splits an .ics file that holds a whole calendar into objects, one per UID.
//   - [calbell/caldav] turns a server into changes: discovery, sync tokens, ETags, raw objects. It does not
//     read events, so that an event that cannot be read is stored all the same. Its brake keeps a
//     listing that suddenly lacks many objects from deleting them.
//   - [calbell/caldav/caldavtest] is a calendar server in memory, with the faults of real ones, and
//     helpers that start real ones. The demo runs on it too.
//
// # From an event to a message
//
// Event text comes from strangers: whoever can send an invitation writes into a team's chat. So values
// lose their power (mentions, links, formatting) by the rules of the chat that reads them.
//
//   - [calbell/templates/markup] writes a text in a chat's markup: the author's own text as it is, values
//     escaped where they would render. It knows no template and no chat.
//   - [calbell/webhook/dialect] knows the chats, one file each: address, fields, markup, limits, codes. It
//     is apart from webhook because checks and previews need it, and must not be able to post.
//   - [calbell/templates/dates] writes days and times in words, by language, zone and distance from now.
//   - [calbell/templates] renders %subject%, %date% and the like into the text of a message.
//
// # From a message to a verdict
//
//   - [calbell/webhook] posts a message and judges the answer. It alone decides which addresses may be
//     reached, and whether anything reached the other side: connections count the bytes that were
//     handed to them, so "not sent" is a fact and not a guess.
//   - [calbell/webhook/webhooktest] is the receiving end for tests: a server that answers as it is told.
//
// # The queue
//
//   - [calbell/store] is what the program asks of a database, in small interfaces. Each method is one step
//     of the domain and exactly one transaction. No cursor and no transaction crosses this line, so a
//     second backend can stand behind it.
//   - [calbell/store/record] is what every backend shares: how records are keyed, encoded and sealed, and
//     what follows from a change (which reminders a new plan adds, keeps and cancels).
//   - [calbell/store/bolt/file] is one bbolt file that survives damaged pages and full disks.
//   - [calbell/store/bolt/sent] is a journal beside it of what has ended, so that a restored backup posts
//     nothing twice.
//   - [calbell/store/bolt/records] keeps what is plain (users, webhooks, settings, calendars) in that file,
//     with an index by owner, account and webhook: a question of one person costs by what that person has.
//   - [calbell/store/bolt] is the store in that file. Its comment lists every bucket with keys and values.
//   - [calbell/store/storetest] is the contract as tests, which every backend runs.
//
// # The loops
//
//   - [calbell/scheduler/plan] decides what should happen: an object and the settings become reminders,
//     each with its webhook and the time until which it is worth posting. It is pure, and the service
//     asks it too, so that what "explain" says is what happens.
//   - [calbell/scheduler] is the timetable of syncs and upkeep, and how a loop is woken. Reminders never
//     wait in it: they wait in the database, ordered by due time.
//   - [calbell/scheduler/syncer] is the first loop: calendars, plan, store. It also extends layouts as time
//     passes, writes attached reminders into events, and syncs a calendar once more just before a
//     reminder.
//   - [calbell/scheduler/dispatch] is the second loop: store, webhook, store. One goroutine owns its state;
//     posts run beside it. It posts through an interface and never sees HTTP.
//   - [calbell/scheduler/notices] puts messages of Calbell's own into the queue.
//   - [calbell/scheduler/schedulertest] judges a history: nothing lost, nothing early, nothing twice
//     without its mark.
//
// These three import plan and the store, and never each other: what sync finds out reaches
// dispatch through the database alone, so that neither can wait for the other.
//
// # People
//
//   - [calbell/access] turns an HTTP request into a [Caller]: sessions, tokens, and everything that keeps
//     other sites and floods outside. It does not know what a caller may do.
//   - [calbell/api/types] is what goes over the wire, defined once for all who write it or read it.
//   - [calbell/service/passhash] hashes passwords, and knows no user.
//   - [calbell/service/throttle] limits sign-ins, questions to other servers, and reading.
//   - [calbell/service/authz] decides who may see and use what, by what the caller has.
//   - [calbell/service/eventindex] finds the events that a question can mean without reading them all.
//   - [calbell/service] is what a person may do. Every method takes its caller, so that no way in can
//     forget a permission.
//   - [calbell/service/servicetest] runs it over a real store, without the program.
//   - [calbell/api] is HTTP and JSON over the service; it decides nothing itself.
//   - [calbell/api/client] is the other end, for the commands. It does not import the server.
//   - [calbell/web/i18n] has the words of the page in four languages, and translates a [Text] by its key.
//   - [calbell/web/words] says what the program knows in the reader's language and by their clock.
//   - [calbell/web/form] reads what the page's forms hold, and says what is wrong with a field.
//   - [calbell/web/chat] is the chat of the demo; the page draws its previews with it.
//   - [calbell/web] is the page: HTML rendered here. It can do nothing that the API cannot.
//
// # The program
//
//   - [calbell/config/yamltree] reads a YAML file into a tree in which every value knows its place, and
//     reports mistakes without showing a secret.
//   - [calbell/config] makes settings of it, with environment and flags. One table lists all single keys
//     with bounds, defaults and when a change takes effect.
//   - [calbell/daemon] wires everything together and owns its life: start, reload, upkeep, stop. It alone
//     may import all of the above.
//   - [calbell/cmd/calbell/demodata] has the calendars of the demo.
//   - [calbell/cmd/calbell/times] shows times at a terminal, and reads those that people type.
//   - [calbell/cmd/calbell] is the command line, one file per command. Most commands ask the daemon over
//     its socket; check, expand, render, once and restore work without one.
//   - [calbell/systemd] has the unit files, and the tests that keep them right.
//
// # Checks and measurements
//
//   - [calbell/internal/arch] is tests alone: imports, sizes, style, and that documents name files that
//     exist.
//   - [calbell/bench/chaos] is tests alone: it breaks things around the built program while reminders
//     fall due, and counts what arrives.
//
// Two folders are modules of their own, so that what they need is no dependency of Calbell. The folder
// tools pins the checkers (gofumpt, staticcheck) and has the scripts that the Makefile runs; the folder
// bench/herd measures ten thousand reminders in one second beside other schedulers.
//
// # One reminder's life
//
// Anna's event "Review" starts at 15:00 and has a VALARM with TRIGGER:-PT15M. What happens, and what
// happens when a step fails:
//
//  1. The timetable starts a sync of Anna's account, and caldav asks the server what changed since the
//     stored token. When the server is down, hangs or answers with a login page, the calendar counts as
//     failing and its stored copy goes on reminding. What is merely absent from a listing counts as
//     deleted only after the server has confirmed it.
//  2. The changed text is read. If it cannot be read, the last text that could be read goes on, and the
//     object is listed as bad; its neighbours are not affected.
//  3. plan lays out the alarm: 14:45 as a UTC instant, for the webhook that the binding, event, rule or
//     default names. What rings within [Horizon] (48 hours) is laid out, and the next alarm after that,
//     however far away; later ones follow as time passes, without the server.
//  4. Object, reminders and the calendar's new token are stored in one transaction. A crash before the
//     commit leaves the old token, so the next sync is told the same change again, and the ID makes the
//     second plan the same as the first. If a binding changed meanwhile, the transaction is refused and
//     the object is planned again. On a full disk nothing new is stored, and a reserve inside the file
//     keeps room for the outcomes of what is stored already.
//  5. A few seconds before 14:45 the calendar is synced once more, in case the event has just moved.
//     Dispatch does not wait for it.
//  6. At 14:45 dispatch claims the delivery: its row moves from "due" to "in flight", under a lease, in a
//     committed transaction. Only then may it be posted. A crash after this point leaves the row in
//     flight; the next start makes it due at once and marks it as a possible repeat. After a long
//     downtime, what is due now goes first, and what is late says how late it is.
//  7. The claim is checked once more, in this order: the webhook exists; the owner may use it; nothing
//     is paused; no quiet hours; not too late; not a doubtful repeat that the webhook drops. The first
//     check that fails decides: no webhook ends it as dead, a pause as missed with that reason, quiet
//     hours give it back until they end (or drop it, if the webhook says so), and what is too late ends
//     as missed and is listed in one message.
//  8. The message is rendered from the newest copy of the event. If the event cannot be rendered, the
//     message has the subject and date that were planned.
//  9. webhook posts it, within 15 seconds and to an allowed address, and gives one of eight verdicts
//     (docs/webhooks.md has them all). Accepted ends it as sent. "Not sent" and "refused for now" are tried again by a schedule that ends
//     with the event or the late window, and after [MaxRetry] at the latest. An answer that was lost is
//     repeated at most three times, marked. A refused message is dead at once; a refused webhook is
//     confirmed a minute later and then suspended, and its reminders are held until it accepts again.
//  10. The outcome is recorded, together with others that ended in the same moment. If the database
//     refuses, outcomes stay in memory and are written again each second, and nothing new is claimed
//     meanwhile. If the program dies before the record, step 6 repeats the post, marked, with the same
//     Webhook-Id header. This and an answer that was lost are the only ways in which a message arrives
//     twice.
//  11. Ended is final. Its ID goes into the journal beside the database, so that a backup restored later
//     does not post it again. "calbell delivery list", the page and the API show it with each try and
//     the server's words; a person may have it sent again.
//
// # What always holds
//
//   - Claim before post: nothing is posted whose claim is not committed.
//   - One transaction for the token, the objects and their reminders.
//   - IDs follow from content, so every step can be repeated.
//   - Due times are UTC instants and the first part of the key: the next reminder is the first row. The
//     loop trusts no timer longer than [MaxSleep].
//   - Every delivery is in exactly one index (due, in flight or ended), unless its record is damaged.
//     "calbell check --store" verifies it.
//   - Never early, never silently: each reminder ends in a final [Status] with a row that people can see.
//   - A repeat is marked wherever the program cannot rule one out.
//   - What the service explains is what the engine does: both ask the same plan.
//   - Secrets and event text are sealed in the database, and appear in no log and no error.
//   - Whatever comes from outside is bounded before a library sees it (limits.go).
//
// # The files of this package
//
// Calendars and their events:
//
//	calendar.go  accounts, calendars and their objects
//	event.go     events: instances and alarms
//	warning.go   what was read differently from how it is written
//	gone.go      calendars that no longer exist at their server
//	sync.go      what a sync is asked for, and how far it is
//	health.go    the state of an account's or a calendar's sync
//
// Reminders and what becomes of them:
//
//	reminder.go      a reminder, its ID and its sources
//	delivery.go      its delivery: states, tries, claims, verdicts
//	webhook.go       a webhook, and what people define of it
//	webhookstate.go  the health of a webhook
//	notice.go        messages of Calbell's own
//	agenda.go        agendas and corrections
//
// What people set:
//
//	attach.go     bindings, rules, defaults, digests, pauses
//	match.go      the text of a rule
//	remind.go     #remind lines in descriptions
//	lead.go       times before a start
//	leadwords.go  … as people write them
//	quiet.go      until when quiet hours last
//	hours.go      … as people write them
//	people.go     users, tokens, roles, callers
//
// What all of these stand on:
//
//	errors.go      errors that people read, with their next step
//	noun.go        what people call the kinds of things
//	text.go        texts with a key, by which they are translated
//	systemtext.go  … for the system's own errors
//	check.go       what is wrong with a rule, or with how an account signs in
//	limits.go      bounds and times, with reasons
//	secret.go      texts that hide themselves
//	network.go     sets of addresses
//	suggest.go     the name that was probably meant
//
// Names are those of RFC 5545 (iCalendar), 4791 (CalDAV), 6578 (sync-collection) and 9074 (alarms).
package calbell
