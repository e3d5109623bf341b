// The `webhook add` command, and the flags of a webhook definition, which `webhook edit`
// and render share. What each field means and which chats support it is in
// docs/webhooks.md.

package main

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"calbell"
	"calbell/api/types"
	"calbell/config"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// webhookInput is a webhook definition as the flags give it: URL, template and trees may be
// in files.
type webhookInput struct {
	types.NewWebhook
	urlFile, templateFile string
	rate                  float64
	trees                 treeFiles
}

// flags adds the flags that `webhook add` and `webhook edit` share. ofURL, ofKind and
// ofRate complete the help of --url-file, --kind and --rate, which differs between the two.
func (in *webhookInput) flags(f *pflag.FlagSet, ofURL, ofKind, ofRate string) {
	f.StringVar(&in.urlFile, "url-file", "", "`FILE` that holds the "+ofURL)
	f.StringVar((*string)(&in.Kind), "kind", "", "`KIND` of chat: "+kindNames()+ofKind)
	templateFileFlag(f, &in.templateFile)
	f.Float64Var(&in.rate, "rate", 0, "`POSTS` a second at most, such as 0.5; 0 = no bound"+ofRate)
	f.BoolVar(&in.Share, "share", false, "others may use it, without seeing its URL")
	in.trees.flags(f)
	messageFlags(f, &in.NewWebhook)
	deliveryFlags(f, &in.NewWebhook)
}

// read reads the files that the flags name into the definition.
func (in *webhookInput) read(a *app) error {
	if in.urlFile == "-" && in.templateFile == "-" {
		return usage("--url-file and --template-file cannot both be standard input")
	}
	if err := in.trees.read(&in.Attachments, &in.Blocks, &in.Payload); err != nil {
		return err
	}
	if in.urlFile != "" {
		var err error
		if in.URL, err = a.readSecret(in.urlFile, "webhook URL: "); err != nil {
			return err
		}
	}
	var err error
	in.Template, err = readTemplate(a.in, in.Template, in.templateFile)
	return err
}

// webhookAddCmd builds `webhook add`.
func (a webhookCommands) webhookAddCmd() *cobra.Command {
	var in webhookInput
	cmd := &cobra.Command{
		Use:   "add NAME --url-file FILE",
		Short: "Store a webhook",
		Long: `Store a webhook. Its URL is a secret: it is read from a file, or from standard input
with --url-file -, and never shown again.`,
		Example: `  calbell webhook add team --url-file -        type or paste the URL, then Enter
  calbell webhook add ops --url-file ops.url --kind slack --template '%subject% at %time%'`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Name = args[0]
			if cmd.Flags().Changed("rate") { // 0 means no limit, absence the kind's default
				in.RatePerSecond = &in.rate
			}
			if in.urlFile == "" {
				return missing("--url-file", "the URL is a secret, so it is read from a file, or typed: --url-file -")
			}
			if err := in.read(a.app); err != nil {
				return err
			}
			return a.webhookAdd(cmd.Context(), in.NewWebhook)
		},
	}
	in.flags(cmd.Flags(), "URL; - = standard input (required)", "; taken from the URL when that has the form of a kChat, Mattermost or Slack webhook", " (default: by kind)")
	return cmd
}

// webhookAdd stores the webhook and prints its ID, with which other commands name it.
func (a webhookCommands) webhookAdd(ctx context.Context, n types.NewWebhook) error {
	c, err := a.client()
	if err != nil {
		return err
	}
	w, err := c.AddWebhook(ctx, n)
	if err != nil {
		return err
	}
	return showOne(a.app, w, func(out io.Writer) {
		fmt.Fprintf(out, "webhook %q (%s, %s) stored as %s\n", cell(w.Name), w.Kind, cell(w.Host), w.ID)
		fmt.Fprintf(a.err, "  try it: calbell webhook test %s\n", w.ID)
	})
}

// messageFlags adds the flags of a message's content and sender.
func messageFlags(f *pflag.FlagSet, n *types.NewWebhook) {
	f.StringVar(&n.Template, "template", "", "message `TEXT` with %variables%")
	f.StringVar(&n.Channel, "channel", "", "`NAME` of the channel (not its display name), or @user")
	f.StringVar(&n.Username, "username", "", "`NAME` that the message is posted under")
	f.StringVar(&n.IconURL, "icon-url", "", "`URL` of the picture that the message is posted with")
	f.StringVar(&n.IconEmoji, "icon-emoji", "", "`NAME` of the emoji that the message is posted with, such as :bell:")
	f.StringVar(&n.Type, "type", "", "`TYPE` of the post for plugins of the chat; begins with custom_")
	f.StringVar(&n.Locale, "locale", "", "`LANGUAGE` of dates, such as fr-CH")
	f.StringVar(&n.TimeZone, "time-zone", "", "`ZONE` of times, such as Europe/Zurich")
	f.StringVar(&n.Style, "style", "", "`LOOK` of the message: text, or card = the event in an attachment")
	f.StringVar(&n.Mentions, "mentions", "", "`WHO` may mention people: deny = nobody, template = its own text")
	previewsFlag(f, &n.Previews)
	f.IntVar(&n.MaxLength, "max-length", 0, "`CHARACTERS` after which a message is cut (default 3900)")
}

// previewsFlag adds --previews: true, false, or "" for the default (nil).
func previewsFlag(f *pflag.FlagSet, to **bool) {
	f.Func("previews", "`true or false`: whether the chat may show what stands behind an address (default: not behind one of event text)", func(text string) error {
		*to = nil
		if text == "" {
			return nil
		}
		b, err := strconv.ParseBool(text)
		if err != nil {
			return usage("true, false or empty")
		}
		*to = &b
		return nil
	})
}

// deliveryFlags adds the flags of how and when messages are sent.
func deliveryFlags(f *pflag.FlagSet, n *types.NewWebhook) {
	f.StringVar(&n.Encoding, "encoding", "", "`HOW` the body is sent: json or form")
	f.StringVar(&n.Success, "success", "", "`WHAT` counts as accepted: ok or 2xx")
	f.StringVar(&n.OnUnknown, "on-unknown", "", "`WHAT` to do when an answer was lost: resend or drop")
	f.BoolVar(&n.Combine, "combine", false, "join more than five reminders of one second into one message")
	f.StringVar(&n.Missed, "missed", "", "`WHAT` becomes of reminders nobody could send in time: digest, send or drop")
	f.Func("quiet", "`HOURS` without reminders, by its clock: 22:00-07:00, working (weekends), drop (not sent later)", func(text string) error {
		n.Quiet = new(calbell.Quiet)
		return n.Quiet.UnmarshalText([]byte(text))
	})
	f.BoolVar(&n.Corrections, "corrections", false, "say in a line when an event that was announced is moved or cancelled")
}

// treeFiles name the files of a webhook's trees: attachments, blocks, and the payload of
// kind json.
type treeFiles struct{ attachments, blocks, payload string }

// flags adds the flags of the files.
func (t *treeFiles) flags(f *pflag.FlagSet) {
	f.StringVar(&t.attachments, "attachments-file", "", "`FILE` (YAML or JSON) with a list of attachments")
	f.StringVar(&t.blocks, "blocks-file", "", "`FILE` (YAML or JSON) with a list of Slack's blocks")
	f.StringVar(&t.payload, "payload-file", "", "`FILE` (YAML or JSON) with the whole body, for kind json")
}

// read stores the contents of the named files in a definition, and leaves the others
// unchanged.
func (t *treeFiles) read(attachments, blocks, payload *any) (err error) {
	for _, f := range []struct {
		path string
		to   *any
	}{{t.attachments, attachments}, {t.blocks, blocks}, {t.payload, payload}} {
		if f.path == "" {
			continue
		}
		if *f.to, err = config.LoadTree(f.path); err != nil {
			return err
		}
	}
	return nil
}
