package templates

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"calbell"
	"calbell/templates/markup"
)

// notices are the texts of Calbell's own messages in one language. They are templates: name,
// time and reason come in as %subject%, %date% and %description% and are escaped like those
// of events, whose authors they may come from.
type notices struct {
	suspended, restored, failing, recovered, trouble *Template

	missedOne, missedMany string // the line above a list; {0} is how many
	moreOne, moreMany     string // the line below one that is cut
	waitOne, waitMany     string // above the reminders that wait
	success               string // what to do when the answers are no yes
	colon                 string // between an item's time and title
	givenUp               string // after one that was tried in vain
}

// noticeTexts returns the texts in a language; English for one that has none. day is the
// day of the month since when it is so: Italian says "dal 7" and "dall’8".
func noticeTexts(lang string, day int) notices {
	switch lang {
	case "fr":
		return frenchNotices()
	case "de":
		return germanNotices()
	case "it":
		return italianNotices(day)
	}
	return englishNotices()
}

func frenchNotices() notices {
	return notices{
		suspended: own("Le webhook %subject% refuse les rappels depuis le %date|medium%[[ : %description%]]\n" +
			"Ils sont retenus ; un nouvel essai a lieu quand le prochain arrive à échéance, et de temps en temps. Ceux qui arriveraient trop tard seront énumérés.[[\n%location%]]"),
		restored: own("Le webhook %subject% fonctionne de nouveau ; il refusait les rappels depuis le %date|medium%."),
		failing: own("%subject% n’est plus synchronisé depuis le %date|medium%[[ : %description%]]\n" +
			"Les rappels continuent d’après la dernière copie, mais les événements nouveaux ou modifiés manquent.[[\n%location%]]"),
		recovered: own("%subject% est de nouveau synchronisé ; cela échouait depuis le %date|medium%."),
		trouble:   own("Calbell a besoin d’aide depuis le %date|medium% : %description%[[\n%location%]]"),
		missedOne: "1 rappel n’a pas été envoyé à temps :", missedMany: "{0} rappels n’ont pas été envoyés à temps :",
		moreOne: "… et 1 autre", moreMany: "… et {0} autres",
		waitOne: "1 rappel attend :", waitMany: "{0} rappels attendent :",
		success: "Le webhook a répondu autrement que prévu. Si les rappels sont arrivés, donnez-lui success: 2xx.",
		colon:   " : ", givenUp: " (abandonné)",
	}
}

func germanNotices() notices {
	return notices{
		suspended: own("Der Webhook %subject% nimmt seit dem %date|medium% keine Erinnerungen an[[: %description%]]\n" +
			"Sie werden zurückgehalten; versucht wird es wieder, wenn die nächste fällig ist, und ab und zu dazwischen. Was zu spät käme, wird aufgelistet.[[\n%location%]]"),
		restored: own("Der Webhook %subject% funktioniert wieder; seit dem %date|medium% hatte er keine Erinnerungen angenommen."),
		failing: own("%subject% kann seit dem %date|medium% nicht abgeglichen werden[[: %description%]]\n" +
			"Die Erinnerungen laufen nach der letzten Kopie weiter, aber neue und geänderte Termine fehlen.[[\n%location%]]"),
		recovered: own("%subject% wird wieder abgeglichen; seit dem %date|medium% war das nicht gelungen."),
		trouble:   own("Calbell braucht seit dem %date|medium% Hilfe: %description%[[\n%location%]]"),
		missedOne: "1 Erinnerung wurde nicht rechtzeitig gesendet:", missedMany: "{0} Erinnerungen wurden nicht rechtzeitig gesendet:",
		moreOne: "… und 1 weitere", moreMany: "… und {0} weitere",
		waitOne: "1 Erinnerung wartet:", waitMany: "{0} Erinnerungen warten:",
		success: "Der Webhook antwortete anders als erwartet. Falls die Erinnerungen ankamen, geben Sie ihm success: 2xx.",
		colon:   ": ", givenUp: " (aufgegeben)",
	}
}

func italianNotices(day int) notices {
	from := "dal "
	if day == 8 || day == 11 {
		from = "dall’"
	}
	return notices{
		suspended: own("Il webhook %subject% rifiuta i promemoria " + from + "%date|medium%[[: %description%]]\n" +
			"Sono trattenuti; si riprova quando scade il prossimo, e ogni tanto nel frattempo. Quelli che arriverebbero troppo tardi saranno elencati.[[\n%location%]]"),
		restored: own("Il webhook %subject% funziona di nuovo; rifiutava i promemoria " + from + "%date|medium%."),
		failing: own("%subject% non è più sincronizzato " + from + "%date|medium%[[: %description%]]\n" +
			"I promemoria continuano dall’ultima copia, ma mancano gli eventi nuovi o modificati.[[\n%location%]]"),
		recovered: own("%subject% è di nuovo sincronizzato; non riusciva " + from + "%date|medium%."),
		trouble:   own("Calbell ha bisogno di aiuto " + from + "%date|medium%: %description%[[\n%location%]]"),
		missedOne: "1 promemoria non è stato inviato in tempo:", missedMany: "{0} promemoria non sono stati inviati in tempo:",
		moreOne: "… e un altro", moreMany: "… e altri {0}",
		waitOne: "1 promemoria attende:", waitMany: "{0} promemoria attendono:",
		success: "Il webhook ha risposto in modo inatteso. Se i promemoria sono arrivati, dategli success: 2xx.",
		colon:   ": ", givenUp: " (abbandonato)",
	}
}

func englishNotices() notices {
	return notices{
		suspended: own("The webhook %subject% has refused its reminders since %date|medium%[[: %description%]]\n" +
			"They are held; it is tried again when the next one falls due, and now and then before. Those that would come too late will be listed.[[\n%location%]]"),
		restored: own("The webhook %subject% works again; it had refused its reminders since %date|medium%."),
		failing: own("%subject% has not been synced since %date|medium%[[: %description%]]\n" +
			"Reminders go on from the last copy, but new and changed events are not seen.[[\n%location%]]"),
		recovered: own("%subject% is synced again; that had failed since %date|medium%."),
		trouble:   own("Calbell has needed help since %date|medium%: %description%[[\n%location%]]"),
		missedOne: "1 reminder was not sent in time:", missedMany: "{0} reminders were not sent in time:",
		moreOne: "… and 1 more", moreMany: "… and {0} more",
		waitOne: "1 reminder waits:", waitMany: "{0} reminders wait:",
		success: "The webhook answered otherwise than expected. If the reminders did arrive, give it success: 2xx.",
		colon:   ": ", givenUp: " (given up)",
	}
}

// own compiles a text of Calbell's own, of which a test sees to it that all can be, or one
// that was checked when it was saved.
func own(text string) *Template {
	t, _ := compile(text)
	return t
}

// notice writes Calbell's own message in the place of a reminder.
func (h *Hook) notice(s *scope) calbell.Message {
	n := s.d.Notice
	m := calbell.Message{
		ID:       s.d.ID,
		Text:     s.headed(s.noticeText(n)),
		Envelope: h.envelope(s),
	}
	if h.chat.Takes.Payload { // for programs to tell it apart
		m.Payload = map[string]any{"text": m.Text, "notice": noticeTree(n)}
	}
	h.previews(s, &m)
	return m
}

// noticeScope is what a notice is written from.
type noticeScope struct {
	*scope
	n     *calbell.Notice
	words notices
}

// noticeText is what people read.
func (s *scope) noticeText(n *calbell.Notice) string {
	s.d.Due = s.d.Now // news is not late
	switch n.Kind {
	case calbell.NoticeAgenda:
		return s.agenda(n)
	case calbell.NoticeMoved, calbell.NoticeCancelled:
		return s.correction(n)
	}
	return noticeScope{s, n, noticeTexts(s.loc.Lang, n.Since.In(s.zone).Day())}.body()
}

// body tells what has happened.
func (s noticeScope) body() string {
	n := s.n
	s.in = &calbell.Instance{Summary: n.Subject, Start: n.Since, End: n.Since, Description: s.say(n.Reason), Location: sentence(s.say(n.Hint))}
	switch n.Kind {
	case calbell.NoticeSuspended:
		return s.suspended()
	case calbell.NoticeRestored:
		return s.message(s.words.restored)
	case calbell.NoticeFailing:
		return s.message(s.words.failing)
	case calbell.NoticeRecovered:
		return s.message(s.words.recovered)
	case calbell.NoticeMissed:
		return s.missed()
	}
	return s.message(s.words.trouble)
}

// say says in the reader's language what the program says in English.
func (s noticeScope) say(text calbell.Text) string {
	if s.d.Say == nil || text.IsZero() {
		return text.English
	}
	return s.d.Say(s.loc.Name, text)
}

// suspended tells of a webhook that refuses, and which reminders wait for it.
func (s noticeScope) suspended() string {
	all := len(s.n.Items) + s.n.More
	if all == 0 {
		return s.message(s.words.suspended)
	}
	s.spent = 0
	head := append(s.piecesOf(s.words.suspended, s.in), markup.Piece{Text: "\n" + counted(all, s.words.waitOne, s.words.waitMany)})
	return s.list(head, s.items(), all)
}

// sentence makes a line of its own of a hint, which elsewhere follows something.
func sentence(hint string) string {
	r, size := utf8.DecodeRuneInString(hint)
	if size == 0 || strings.HasPrefix(hint, "calbell ") || strings.Contains(hint[:min(len(hint), 8)], "://") {
		return hint // a command or an address is typed as it stands
	}
	return string(unicode.ToUpper(r)) + hint[size:]
}

// missed lists reminders, each on a line of its own. What does not fit is counted.
func (s noticeScope) missed() string {
	s.spent = 0
	all := len(s.n.Items) + s.n.More
	head := []markup.Piece{{Text: counted(all, s.words.missedOne, s.words.missedMany)}}
	if slices.ContainsFunc(s.n.Items, func(i calbell.NoticeItem) bool { return i.Reason.Key == calbell.NotRecognised }) {
		head = append([]markup.Piece{{Text: s.words.success + "\n"}}, head...)
	}
	return s.list(head, s.items(), all)
}

// items are the lines of the reminders that a notice tells of.
func (s noticeScope) items() [][]markup.Piece {
	lines := make([][]markup.Piece, 0, len(s.n.Items))
	for _, item := range s.n.Items {
		in := &calbell.Instance{Summary: markup.Cut(item.Subject, maxRow), Start: item.Due, End: item.Due}
		line := s.piecesOf(s.words.line(s.today(item.Due), item.Status == calbell.StatusDead), in)
		lines = append(lines, append([]markup.Piece{{Text: "\n"}}, line...))
	}
	return lines
}

// list writes lines under a head, as many as fit, and says how many of all are left out.
// They are written in one go: a mark in one title may have its partner in the next.
func (s *scope) list(head []markup.Piece, lines [][]markup.Piece, all int) string {
	words := noticeTexts(s.loc.Lang, 0)
	for n := len(lines); ; {
		more := ""
		if left := all - n; left > 0 {
			more = "\n" + counted(left, words.moreOne, words.moreMany)
		}
		room := s.room() - runes(more) - 1
		if n == 0 {
			return s.finish(s.fitPieces(head, room) + more)
		}
		s.last = s.target(markup.RulesOfChat).Write(slices.Concat(head, slices.Concat(lines[:n]...)))
		text := s.last.String()
		if size := runes(text); size > room {
			n = min(n-1, n*room/size)
			continue
		}
		if more != "" && s.chat.Markup.Absorbs(text) {
			more = "\n" + more
		}
		return s.finish(text + more)
	}
}

// line is the template of an item. The day goes without saying when it is today.
func (n notices) line(today, givenUp bool) *Template {
	text := "• %date|medium%" + n.colon + "%subject%"
	if today {
		text = "• %time%" + n.colon + "%subject%"
	}
	if givenUp {
		text += n.givenUp
	}
	return own(text)
}

// today reports whether an instant is on the reader's day of the message.
func (s noticeScope) today(t time.Time) bool {
	y, m, d := t.In(s.zone).Date()
	ny, nm, nd := s.d.Now.In(s.zone).Date()
	return y == ny && m == nm && d == nd
}

// counted fills a number into the text for one or for many.
func counted(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return strings.Replace(many, "{0}", strconv.Itoa(n), 1)
}
