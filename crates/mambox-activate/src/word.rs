//! Words as shells quote them: `'…'`, `"…"`, `$'…'` and backslashes. Nothing is expanded.

/// What keeps a text from being read.
pub(crate) type Problem = &'static str;

const OPEN_QUOTE: Problem = "a quote is not closed";
const EXPANSION: Problem = "an unquoted operator or an expansion, which no shell prints";

/// Reads a text from its beginning to its end.
pub(crate) struct Words<'a> {
    text: &'a [u8],
    next: usize,
}

impl<'a> Words<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self { text, next: 0 }
    }

    /// The line that is being read, counted from 1.
    pub(crate) fn line(&self) -> usize {
        1 + self.text[..self.next.min(self.text.len())].iter().filter(|byte| **byte == b'\n').count()
    }

    /// Goes to the beginning of the next statement; `false` at the end of the text.
    pub(crate) fn next_statement(&mut self) -> bool {
        self.skip(|byte| byte.is_ascii_whitespace());
        self.peek().is_some()
    }

    /// The end of a statement is the end of its line.
    pub(crate) fn end(&mut self) -> Result<(), Problem> {
        self.blanks();
        match self.peek() {
            None => Ok(()),
            Some(b'\n') => {
                self.next += 1;
                Ok(())
            }
            Some(_) => Err("more than one variable in a statement"),
        }
    }

    /// Skips spaces within a line.
    pub(crate) fn blanks(&mut self) {
        self.skip(|byte| matches!(byte, b' ' | b'\t'));
    }

    /// A keyword or an option, with the spaces behind it.
    pub(crate) fn bare(&mut self) -> Vec<u8> {
        let word = self.while_(|byte| !byte.is_ascii_whitespace());
        self.blanks();
        word
    }

    /// What stands before `=` or a space.
    pub(crate) fn name(&mut self) -> Vec<u8> {
        self.while_(|byte| byte != b'=' && !byte.is_ascii_whitespace())
    }

    /// Whether the text goes on with this.
    pub(crate) fn at(&self, start: &[u8]) -> bool {
        self.text.get(self.next..).is_some_and(|rest| rest.starts_with(start))
    }

    /// Steps over a byte, if it comes next.
    pub(crate) fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.next += usize::from(there);
        there
    }

    /// The words between `(` and `)`.
    pub(crate) fn array(&mut self) -> Result<Vec<Vec<u8>>, Problem> {
        let mut words = Vec::new();
        if !self.take(b'(') {
            return Err("an array does not begin with '('");
        }
        loop {
            self.skip(|byte| byte.is_ascii_whitespace());
            match self.peek() {
                Some(b')') => break,
                Some(_) => words.push(self.word()?),
                None => return Err("an array is not closed"),
            }
        }
        self.next += 1;
        Ok(words)
    }

    /// One word without its quotes; empty where none stands.
    pub(crate) fn word(&mut self) -> Result<Vec<u8>, Problem> {
        let mut word = Vec::new();
        while let Some(byte) = self.peek() {
            match byte {
                b')' => break,
                byte if byte.is_ascii_whitespace() => break,
                b'\'' => {
                    self.next += 1;
                    word.extend(self.while_(|byte| byte != b'\''));
                    self.close(b'\'')?;
                }
                b'"' => self.double_quoted(&mut word)?,
                b'$' if self.at(b"$'") => self.escaped(&mut word)?,
                b'\\' => {
                    self.next += 1;
                    word.push(self.pop().ok_or(OPEN_QUOTE)?);
                }
                b'$' | b'`' | b'(' | b';' | b'&' | b'|' | b'<' | b'>' => return Err(EXPANSION),
                byte => {
                    word.push(byte);
                    self.next += 1;
                }
            }
        }
        if word.contains(&0) { Err("a value holds a NUL") } else { Ok(word) }
    }

    /// Within double quotes a backslash counts before `$`, a backtick, `"`, `\` and a line end only.
    fn double_quoted(&mut self, word: &mut Vec<u8>) -> Result<(), Problem> {
        self.next += 1;
        loop {
            match self.pop().ok_or(OPEN_QUOTE)? {
                b'"' => return Ok(()),
                b'$' | b'`' => return Err(EXPANSION),
                b'\\' => match self.pop().ok_or(OPEN_QUOTE)? {
                    b'\n' => {}
                    byte @ (b'$' | b'`' | b'"' | b'\\') => word.push(byte),
                    byte => word.extend([b'\\', byte]),
                },
                byte => word.push(byte),
            }
        }
    }

    /// `$'…'`.
    fn escaped(&mut self, word: &mut Vec<u8>) -> Result<(), Problem> {
        self.next += 2;
        loop {
            match self.pop().ok_or(OPEN_QUOTE)? {
                b'\'' => return Ok(()),
                b'\\' => self.escape(word)?,
                byte => word.push(byte),
            }
        }
    }

    /// What follows a backslash within `$'…'`. `\C-x` and `\M-x` are zsh's, which prints no backslash twice
    /// behind them, though it would read one so.
    fn escape(&mut self, word: &mut Vec<u8>) -> Result<(), Problem> {
        let byte = match self.pop().ok_or(OPEN_QUOTE)? {
            b'a' => 0x07,
            b'b' => 0x08,
            b'e' | b'E' => 0x1b,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 0x0b,
            b'x' => low_byte(self.digits(16, 2)),
            b'0'..=b'7' => {
                self.next -= 1;
                low_byte(self.digits(8, 3))
            }
            b'u' => return self.character(4, word),
            b'U' => return self.character(8, word),
            b'C' if self.take(b'-') => self.pop().map(control).ok_or(OPEN_QUOTE)?,
            b'M' if self.take(b'-') => {
                let controlled = self.at(b"\\C-");
                self.next += if controlled { 3 } else { 0 };
                let byte = self.pop().ok_or(OPEN_QUOTE)?;
                0x80 | if controlled { control(byte) } else { byte }
            }
            byte => byte,
        };
        word.push(byte);
        Ok(())
    }

    fn character(&mut self, digits: usize, word: &mut Vec<u8>) -> Result<(), Problem> {
        let c = char::from_u32(self.digits(16, digits)).ok_or("an escape that is no character")?;
        word.extend(c.encode_utf8(&mut [0; 4]).bytes());
        Ok(())
    }

    /// A number of at most `most` digits, at most eight.
    fn digits(&mut self, base: u32, most: usize) -> u32 {
        let mut number = 0;
        for _ in 0..most {
            let Some(digit) = self.peek().and_then(|byte| char::from(byte).to_digit(base)) else { break };
            number = number * base + digit;
            self.next += 1;
        }
        number
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.next).copied()
    }

    fn pop(&mut self) -> Option<u8> {
        let byte = self.peek();
        self.next += usize::from(byte.is_some());
        byte
    }

    fn close(&mut self, quote: u8) -> Result<(), Problem> {
        if self.take(quote) { Ok(()) } else { Err(OPEN_QUOTE) }
    }

    fn skip(&mut self, unwanted: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&unwanted) {
            self.next += 1;
        }
    }

    fn while_(&mut self, wanted: impl Fn(u8) -> bool) -> Vec<u8> {
        let start = self.next;
        self.skip(wanted);
        self.text[start..self.next].to_vec()
    }
}

/// A byte of an octal escape of three digits: shells drop what does not fit.
fn low_byte(number: u32) -> u8 {
    number.to_le_bytes()[0]
}

/// The byte that a key gives together with the control key.
fn control(key: u8) -> u8 {
    if key == b'?' { 0x7f } else { key & 0x1f }
}
