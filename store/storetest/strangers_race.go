//go:build race

package storetest

// manyStrangers are fewer under the race detector, which takes ten times as long: the same tests run
// without it too.
const manyStrangers = 200
