// The render command: a message as it would be posted, byte for byte, without posting it.
//
// Templates are compiled leniently, so a draft with faults is shown together with its
// faults; saving such a template is rejected. Made-up events need no daemon.

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"calbell"
	"calbell/ical"
	"calbell/ical/zone"
	"calbell/templates"
	"calbell/webhook/dialect"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// renderFlags are the flags of render.
type renderFlags struct {
	text, file        string // of the template
	sample, event, tz string
	kind              string
	hook              calbell.Webhook
	trees             treeFiles
}

// renderCmd builds the render command.
func (a offlineCommands) renderCmd() *cobra.Command {
	var o renderFlags
	cmd := &cobra.Command{
		Use:   "render",
		Short: "Show what a message template makes of an event",
		Long: `Show what a message template makes of a made-up event, or with --event of a real one at
its next reminder: the text, the body as it would be posted, byte for byte, and what is
wrong with the template. Nothing is posted, and only --event asks the daemon. A template
that could not be saved is shown all the same; then the exit code is 3.`,
		Example: `  calbell render                                     the default message
  calbell render --template '%subject% %when%' --sample hostile
  calbell render --template-file message.txt --kind slack --locale fr-CH
  calbell render --template-file - --event 3f9a1c22b7d0`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.render(cmd.Context(), o, time.Now()) },
	}
	f := cmd.Flags()
	f.StringVar(&o.text, "template", "", "message `TEXT` with %variables% (default: the default message)")
	templateFileFlag(f, &o.file)
	f.StringVar(&o.sample, "sample", "", "made-up `EVENT` to show: "+strings.Join(templates.Samples(), ", ")+" (default timed)")
	f.StringVar(&o.event, "event", "", "`ID` of a real event, as \"event list\" shows it")
	f.StringVar(&o.kind, "kind", "kchat", "`KIND` of chat: "+kindNames())
	f.StringVar(&o.hook.Locale, "locale", "en", "`LANGUAGE` of dates, such as fr-CH")
	f.StringVar(&o.tz, "tz", "", "`ZONE` of times (default: this machine's, with --event the daemon's)")
	f.StringVar(&o.hook.Style, "style", "", "`LOOK` of the message: text, or card = the event in an attachment")
	f.StringVar(&o.hook.Mentions, "mentions", "", "`WHO` may mention people: deny = nobody, template = its own text")
	previewsFlag(f, &o.hook.Previews)
	f.IntVar(&o.hook.MaxLength, "max-length", 0, "`CHARACTERS` after which a message is cut (default 3900)")
	f.StringVar(&o.hook.Encoding, "encoding", "", "`HOW` the body is sent: json or form")
	o.trees.flags(f)
	return cmd
}

// rendered is the JSON of render.
type rendered struct {
	Text        string   `json:"text"`
	ContentType string   `json:"content_type"`
	Body        string   `json:"body"`
	Warnings    []string `json:"warnings"`
	Doubts      []string `json:"doubts"` // accepted when saved, but probably a mistake
}

// render prints the message and its warnings. Faults that would be rejected when saving
// make the exit code 3.
func (a offlineCommands) render(ctx context.Context, o renderFlags, now time.Time) error {
	w, err := o.webhook(a.in)
	if err != nil {
		return err
	}
	zones, err := expandOptions(o.tz)
	if err != nil {
		return err
	}
	d, err := a.renderData(ctx, o, zones, now)
	if err != nil {
		return err
	}
	r, err := renderMessage(w, d)
	if err != nil {
		return err
	}
	if err := showOne(a.app, r, r.people); err != nil {
		return err
	}
	for _, text := range slices.Concat(r.Warnings, r.Doubts) {
		fmt.Fprintf(a.err, "warning: %s\n", printable(text, false))
	}
	if len(r.Warnings) > 0 {
		return &calbell.Error{Kind: calbell.KindPartly, What: calbell.English("this could not be saved: %s", count(len(r.Warnings), "fault"))}
	}
	return nil
}

// renderData returns the event that is shown: that of --event, else the sample.
func (a offlineCommands) renderData(ctx context.Context, o renderFlags, zones ical.Options, now time.Time) (templates.Data, error) {
	switch {
	case o.event != "" && o.sample != "":
		return templates.Data{}, usage("--event and --sample both name an event: choose one")
	case o.event != "":
		return a.realData(ctx, o.event, zones.Zone)
	}
	d, ok := templates.Sample(cmp.Or(o.sample, "timed"), now, cmp.Or(zones.Zone, zones.Fallback))
	if !ok {
		return d, &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("unknown sample %s", quoted(o.sample)), Hint: calbell.T("calbell:one", "one of: %s", strings.Join(templates.Samples(), ", "))}
	}
	return d, nil
}

// realData returns an event of the daemon at the time of its next alarm; at its start when
// it has none. reader is the zone of the message's times; nil means the daemon's.
func (a offlineCommands) realData(ctx context.Context, id string, reader *time.Location) (d templates.Data, err error) {
	c, err := a.client()
	if err != nil {
		return d, err
	}
	e, err := c.Event(ctx, id)
	if err != nil {
		return d, err
	}
	if reader == nil {
		status, err := c.Status(ctx)
		if err != nil {
			return d, err
		}
		if reader, err = zone.Load(status.TimeZone); err != nil {
			return d, err
		}
	}
	// In JSON a time keeps its offset and loses the name of its zone, which some variables show.
	if in, err := zone.Load(e.TimeZone); err == nil {
		e.Instance.Start, e.Instance.End = e.Instance.Start.In(in), e.Instance.End.In(in)
	}
	d = templates.Data{Instance: &e.Instance, Calendar: e.Calendar, Due: e.Instance.Start, Zone: reader}
	for _, n := range e.Next {
		if n.RecurrenceID == e.Instance.RecurrenceID {
			d.Due, d.Alarm = n.Trigger, calbell.Alarm{Action: n.Action, Description: n.Text}
			break
		}
	}
	d.Now = d.Due
	return d, nil
}

// webhook returns the webhook definition that the flags describe. It has no URL, which
// rendering does not need.
func (o renderFlags) webhook(in io.Reader) (calbell.Webhook, error) {
	w := o.hook
	w.Name = "render"
	var err error
	if w.Kind, err = dialect.ParseKind(o.kind); err != nil {
		return w, &calbell.Error{Kind: calbell.KindUsage, Err: err, Hint: calbell.HintOf(err)}
	}
	if !templates.KnownLocale(w.Locale) {
		return w, &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("unknown locale %s", quoted(w.Locale)), Hint: calbell.T("calbell:one", "one of: %s", strings.Join(templates.Locales(), ", "))}
	}
	if err := o.trees.read(&w.Attachments, &w.Blocks, &w.Payload); err != nil {
		return w, err
	}
	w.Template, err = readTemplate(in, o.text, o.file)
	return w, err
}

// templateFileFlag adds --template-file, the alternative to --template.
func templateFileFlag(f *pflag.FlagSet, path *string) {
	f.StringVar(path, "template-file", "", "`FILE` that holds the message text; - = standard input")
}

// readTemplate returns text, or the contents of the file at path; "-" is standard input. At
// most one of them may be given. It reads one byte more than allowed, so that the check of
// the template reports its size.
func readTemplate(in io.Reader, text, path string) (string, error) {
	switch {
	case text != "" && path != "":
		return "", usage("--template and --template-file both give the message: choose one")
	case path == "":
		return text, nil
	case path != "-":
		f, err := os.Open(path)
		if err != nil {
			return "", err
		}
		defer f.Close()
		in = f
	}
	read, err := io.ReadAll(io.LimitReader(in, calbell.MaxTemplateBytes+1)) // one more: the check names the bound
	return string(read), err
}

// renderMessage renders and encodes a message as a delivery does, up to the POST. Faults of
// the template and of the definition become warnings.
func renderMessage(w calbell.Webhook, d templates.Data) (rendered, error) {
	hook, faults := templates.CompileHookLenient(w)
	var wrong dialect.FieldErrors
	if errors.As(dialect.Check(w), &wrong) {
		for _, e := range wrong {
			faults = append(faults, e)
		}
	}
	m := hook.Render(d)
	body, contentType, err := dialect.Encode(w, m)
	if err != nil {
		return rendered{}, err
	}
	r := rendered{Text: m.Text, ContentType: contentType, Body: string(body), Warnings: []string{}, Doubts: []string{}}
	for _, e := range faults {
		r.Warnings = append(r.Warnings, e.Error())
	}
	for _, e := range templates.Doubts(w) {
		r.Doubts = append(r.Doubts, e.Error())
	}
	return r, nil
}

// people prints the text, then the body with its content type.
func (r rendered) people(out io.Writer) {
	fmt.Fprintf(out, "%s\n\n%s\n%s\n", printable(r.Text, true), r.ContentType, r.Body)
}
