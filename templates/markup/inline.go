package markup

import "bytes"

// inline surveys code spans and links of a line.
func (s *surveyor) inline(from, to int) {
	var open []int // opening brackets
	for i := from; i < to; {
		switch s.text[i] {
		case '\\':
			i += 2
		case '`':
			i = s.codeSpan(i, to)
		case '<':
			i = s.angle(i, to)
		case '[':
			open = append(open, i)
			i++
		case ']':
			if len(open) == 0 {
				if i+1 < to && s.text[i+1] == '(' {
					s.brackets, s.openTarget = true, true
				}
				i++
				continue
			}
			i = s.link(open[len(open)-1], i, to)
			open = open[:len(open)-1]
		case 'h':
			i = s.address(i, to)
		default:
			i++
		}
	}
}

// address surveys an address of the template in running text: values in it are a part of it. It
// returns where to go on.
func (s *surveyor) address(i, to int) int {
	to = min(to, i+maxTarget)
	if !bytes.HasPrefix(s.text[i:to], []byte("https://")) && !bytes.HasPrefix(s.text[i:to], []byte("http://")) || i > 0 && isAlnum(s.text[i-1]) {
		return i + 1
	}
	end := bytes.IndexAny(s.text[i:to], " \t<>\"`|[])")
	if end < 0 {
		end = to - i
	}
	s.mark(i, i+end, func(sp *spot) {
		if sp.place == inText {
			sp.place = inAddress
		}
	})
	return i + end
}

// codeSpan surveys the span that the backticks at i open, and returns where to go on.
func (s *surveyor) codeSpan(i, to int) int {
	n := run(s.text[i:to], '`')
	if endsInAddress(s.text[:i]) {
		s.strayTick = true // chats read it as a part of the address
		return i + n
	}
	for j := i + n; j < to && s.strays < maxStray; {
		m := run(s.text[j:to], '`')
		if m == n {
			s.put(i, j, inCode)
			return j + m
		}
		j += max(m, 1)
	}
	s.strayTick = true
	s.strays++
	return i + n
}

// angle surveys <address> and <address|words>, and returns where to go on.
func (s *surveyor) angle(i, to int) int {
	to = min(to, i+maxTarget)
	end := bytes.IndexByte(s.text[i:to], '>')
	if end <= 1 || s.text[i+1] == ' ' {
		return i + 1
	}
	end += i
	bar := bytes.IndexByte(s.text[i:end], '|')
	link := bar >= 0 || bytes.Contains(s.text[i:end], []byte("://")) || bytes.HasPrefix(s.text[i+1:end], []byte("mailto:"))
	if bar < 0 {
		bar = end - i
	}
	s.mark(i, i+bar, func(sp *spot) {
		if link || sp.address {
			sp.place = inAddress
		}
	})
	s.put(i+bar, end, inLabel)
	s.mark(i, end, func(sp *spot) { sp.angle = true })
	return end + 1
}

// link surveys [words](address), whose brackets are at open and end.
func (s *surveyor) link(open, end, to int) int {
	if end+1 >= to || s.text[end+1] != '(' {
		if end+1 < to && (s.text[end+1] == '[' || s.text[end+1] == ':') {
			s.brackets = true
		}
		return end + 1
	}
	depth := 0
	for i := end + 1; i < min(to, end+maxTarget); i++ {
		switch s.text[i] {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 {
			s.mark(open, end, func(sp *spot) {
				if sp.place == inText {
					sp.place = inLabel
				}
			})
			s.put(end+1, i, inAddress)
			return i + 1
		}
	}
	s.brackets, s.openTarget = true, true
	return end + 1
}

// slackLine surveys a line of mrkdwn: three backticks begin and end a block anywhere, one
// a span; <…> is a link or mention.
func (s *surveyor) slackLine(from, to int) {
	body := from
	for body < to && (s.text[body] == '>' || s.text[body] == ' ') {
		body++
	}
	prefix := continuation(s.text[from:body])
	s.mark(from, to, func(sp *spot) { sp.prefix = prefix })
	if s.fence == 0 {
		s.lineStart(body, to)
	}
	for i := from; i < to; {
		ticks := run(s.text[i:to], '`')
		switch {
		case ticks >= 3:
			if s.fence = s.fence ^ '`'; s.fence != 0 {
				s.put(i, to, inBlock)
			} else {
				s.put(i, to, inText)
			}
			i += 3
		case s.fence != 0:
			s.put(i, i+1, inBlock)
			i++
		case ticks > 0:
			i = s.codeSpan(i, to)
		case s.text[i] == '<':
			i = s.angle(i, to)
		case s.text[i] == 'h':
			i = s.address(i, to)
		default:
			i++
		}
	}
}
