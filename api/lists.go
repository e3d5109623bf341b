package api

import (
	"context"
	"strings"
	"time"

	"calbell/api/types"
)

// Limited is the bound of a list. It is exported because huma does not look into embedded
// types that are not.
type Limited struct {
	Limit int `query:"limit" minimum:"1" maximum:"10000" default:"100" doc:"At most so many"`
}

// Paged says where a list goes on. It is exported as Limited is.
type Paged struct {
	Limited
	Cursor string `query:"cursor" doc:"As the Link header of the page before has it" maxLength:"400"`
}

// paged is a part of a list. What follows is at the URL that Link names (RFC 8288).
type paged[T any] struct {
	Link string `header:"Link"`
	Body []T
}

// answerPaged turns a part of a list into an answer; next is the cursor of what follows. What
// follows of instances is of the same time: "now" is later by then.
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

// answerList turns a whole list into an answer.
func answerList[T any](rows []T, err error) (*body[[]T], error) { return answer(listed(rows), err) }

// listed returns a list that programs can go through: one without anything is empty, not null.
func listed[T any](rows []T) []T {
	if rows == nil {
		return []T{}
	}
	return rows
}

// apart takes values apart that commas join: both ways of writing a list are meant.
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
