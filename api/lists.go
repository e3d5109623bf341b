package api

import (
	"context"
	"strings"
	"time"

	"calbell/api/types"
)

// Limited is the limit of a list. It is exported because huma ignores unexported embedded types.
type Limited struct {
	Limit int `query:"limit" minimum:"1" maximum:"10000" default:"100" doc:"At most so many"`
}

// Paged is the cursor of a list. It is exported for the same reason as Limited.
type Paged struct {
	Limited
	Cursor string `query:"cursor" doc:"As the Link header of the page before has it" maxLength:"400"`
}

// paged is a page of a list. The header Link names the next page (RFC 8288).
type paged[T any] struct {
	Link string `header:"Link"`
	Body []T
}

// answerPaged converts a page of a list to an answer; next is the cursor of the next page.
// The link to the next page of instances repeats the period, because its default begins
// now.
func answerPaged[T any](ctx context.Context, rows []T, next string, err error, of ...types.EventQuery) (*paged[T], error) {
	if err != nil {
		return nil, problem(err)
	}
	p := &paged[T]{Body: listed(rows)}
	if next != "" {
		a, _ := ctx.Value(askedKey{}).(asked)
		q := a.url.Query()
		q.Set("cursor", next)
		for _, asked := range of {
			q.Set("from", asked.From.Format(time.RFC3339Nano))
			q.Set("to", asked.To.Format(time.RFC3339Nano))
		}
		p.Link = "<" + a.url.Path + "?" + q.Encode() + `>; rel="next"`
	}
	return p, nil
}

// answerList converts a whole list to an answer.
func answerList[T any](rows []T, err error) (*body[[]T], error) { return answer(listed(rows), err) }

// listed returns a list as JSON clients expect it: without elements it is empty, not null.
func listed[T any](rows []T) []T {
	if rows == nil {
		return []T{}
	}
	return rows
}

// apart splits values at commas, so that both ways of passing a list work.
func apart[T ~string](list []T) (all []T) {
	for _, v := range list {
		for one := range strings.SplitSeq(string(v), ",") {
			all = append(all, T(one))
		}
	}
	return all
}

type byName struct {
	Name string `path:"name" doc:"ID, name or slug"`
}

type byID struct {
	ID string `path:"id"`
}

type none struct{}
