//go:build !race

package storetest

// manyStrangers are beside whoever asks in the end.
const manyStrangers = 10_000
