//! The text of a query taken apart: <https://spec.graphql.org/October2021/#sec-Language>.

use std::iter::Peekable;
use std::str::CharIndices;

use serde_json::{Map, Value};

/// What was asked for at one place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Selection {
    Field(Field),
    /// `... on Type { … }`, or without a type.
    Inline {
        on: Option<String>,
        selections: Vec<Selection>,
    },
    /// `...name`.
    Spread {
        name: String,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    /// The name that the answer has: the alias, if there is one.
    pub(crate) key: String,
    pub(crate) name: String,
    arguments: Vec<(String, Argument)>,
    pub(crate) selections: Vec<Selection>,
}

#[derive(Clone, Debug, PartialEq)]
enum Argument {
    Variable(String),
    Plain(Value),
    List(Vec<Argument>),
    Object(Vec<(String, Argument)>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fragment {
    pub(crate) name: String,
    pub(crate) on: String,
    pub(crate) selections: Vec<Selection>,
}

#[derive(Clone, Debug)]
struct Variable {
    name: String,
    kind: String,
    default: Option<Value>,
}

/// One query and its fragments.
#[derive(Debug)]
pub(crate) struct Document {
    variables: Vec<Variable>,
    pub(crate) selections: Vec<Selection>,
    pub(crate) fragments: Vec<Fragment>,
}

/// What was given for the variables.
#[derive(Debug, Default)]
pub(crate) struct Given(Map<String, Value>);

impl Given {
    /// The value of an argument; none where it was not given or is `null`.
    pub(crate) fn argument(&self, field: &Field, name: &str) -> Option<Value> {
        let mut arguments = field.arguments.iter();
        let (_, argument) = arguments.find(|(known, _)| known == name)?;
        Some(self.value(argument)).filter(|value| !value.is_null())
    }

    pub(crate) fn number(&self, field: &Field, name: &str) -> Option<i64> {
        self.argument(field, name)?.as_i64()
    }

    pub(crate) fn text(&self, field: &Field, name: &str) -> Option<String> {
        self.argument(field, name)?.as_str().map(str::to_string)
    }

    /// A list; one value alone stands for a list of it.
    pub(crate) fn list(&self, field: &Field, name: &str) -> Option<Vec<Value>> {
        match self.argument(field, name)? {
            Value::Array(list) => Some(list),
            one => Some(vec![one]),
        }
    }

    fn value(&self, argument: &Argument) -> Value {
        match argument {
            Argument::Variable(name) => self.0.get(name).cloned().unwrap_or_default(),
            Argument::Plain(value) => value.clone(),
            Argument::List(list) => list.iter().map(|each| self.value(each)).collect(),
            Argument::Object(fields) => {
                let fields = fields.iter();
                fields
                    .map(|(name, each)| (name.clone(), self.value(each)))
                    .collect()
            }
        }
    }
}

impl Document {
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let mut reader = Reader::new(text)?;
        let mut document = Self {
            variables: Vec::new(),
            selections: Vec::new(),
            fragments: Vec::new(),
        };
        while reader.token != Token::End {
            if reader.takes_word("fragment") {
                let name = reader.name()?;
                reader.word("on")?;
                document.fragments.push(Fragment {
                    name,
                    on: reader.name()?,
                    selections: reader.selections()?,
                });
                continue;
            }
            let is_query = reader.token == Token::Sign('{')
                || matches!(&reader.token, Token::Name(word) if word == "query");
            if is_query && !document.selections.is_empty() {
                return Err("An operation name is required".into());
            }
            if reader.takes_word("query") {
                if matches!(reader.token, Token::Name(_)) {
                    reader.name()?;
                }
                if reader.takes('(') {
                    document.variables = reader.variables()?;
                }
            }
            document.selections = reader.selections()?;
        }
        if document.selections.is_empty() {
            return Err("Unexpected end of document".into());
        }
        Ok(document)
    }

    /// The values of all variables, defaults included.
    pub(crate) fn bind(&self, mut sent: Map<String, Value>) -> Result<Given, String> {
        let mut given = Map::new();
        for variable in &self.variables {
            let value = sent.remove(&variable.name).or(variable.default.clone());
            let value = value.unwrap_or_default();
            let is_wrong = match (&value, variable.kind.starts_with('[')) {
                (Value::Null, _) => variable.kind.ends_with('!'),
                (value, true) => !value.is_array(),
                (value, false) => match variable.kind.trim_end_matches('!') {
                    "Int" => !value.is_i64(),
                    "String" | "ID" => !value.is_string(),
                    "Boolean" => !value.is_boolean(),
                    _ => false,
                },
            };
            if is_wrong {
                let (name, kind) = (&variable.name, &variable.kind);
                return Err(format!(
                    "Variable ${name} of type {kind} was provided invalid value"
                ));
            }
            given.insert(variable.name.clone(), value);
        }
        Ok(Given(given))
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Name(String),
    Sign(char),
    Spread,
    Number(Value),
    Text(String),
    End,
}

struct Reader<'a> {
    letters: Peekable<CharIndices<'a>>,
    text: &'a str,
    /// The next token.
    token: Token,
    at: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Result<Self, String> {
        let mut reader = Self {
            letters: text.char_indices().peekable(),
            text,
            token: Token::End,
            at: 0,
        };
        reader.step()?;
        Ok(reader)
    }

    fn unexpected(&self) -> String {
        let before = &self.text[..self.at];
        let line = before.matches('\n').count() + 1;
        let column = before
            .chars()
            .rev()
            .take_while(|letter| *letter != '\n')
            .count()
            + 1;
        match &self.token {
            Token::End => "Unexpected end of document".into(),
            token => {
                let shown = match token {
                    Token::Name(text) | Token::Text(text) => text.clone(),
                    Token::Sign(sign) => sign.to_string(),
                    Token::Number(number) => number.to_string(),
                    Token::Spread | Token::End => "...".into(),
                };
                format!("Parse error on \"{shown}\" at [{line}, {column}]")
            }
        }
    }

    /// Goes on to the next token and gives the present one.
    fn step(&mut self) -> Result<Token, String> {
        let is_blank =
            |letter: char| letter.is_whitespace() || letter == ',' || letter == '\u{feff}';
        while let Some((_, letter)) = self.letters.peek().copied() {
            if letter == '#' {
                while self
                    .letters
                    .next_if(|(_, letter)| *letter != '\n')
                    .is_some()
                {}
            } else if !is_blank(letter) {
                break;
            } else {
                self.letters.next();
            }
        }
        let next = self.scan()?;
        Ok(std::mem::replace(&mut self.token, next))
    }

    fn scan(&mut self) -> Result<Token, String> {
        let Some((start, first)) = self.letters.next() else {
            self.at = self.text.len();
            return Ok(Token::End);
        };
        self.at = start;
        match first {
            '"' => self.scan_text(),
            '.' if self.text[start..].starts_with("...") => {
                self.letters.next();
                self.letters.next();
                Ok(Token::Spread)
            }
            '_' | 'a'..='z' | 'A'..='Z' => Ok(Token::Name(self.run(start, |letter| {
                letter == '_' || letter.is_ascii_alphanumeric()
            }))),
            '-' | '0'..='9' => {
                let is_part =
                    |letter: char| matches!(letter, '0'..='9' | '.' | 'e' | 'E' | '+' | '-');
                let digits = self.run(start, is_part);
                let number = serde_json::from_str(&digits);
                number
                    .map(Token::Number)
                    .map_err(|_| format!("Parse error on \"{digits}\""))
            }
            '{' | '}' | '(' | ')' | '[' | ']' | ':' | '!' | '$' | '=' | '@' | '|' | '&' => {
                Ok(Token::Sign(first))
            }
            other => Err(format!("Parse error on \"{other}\" (error)")),
        }
    }

    fn run(&mut self, start: usize, is_part: impl Fn(char) -> bool) -> String {
        let mut end = start + 1;
        while let Some((at, letter)) = self.letters.next_if(|(_, letter)| is_part(*letter)) {
            end = at + letter.len_utf8();
        }
        self.text[start..end].to_string()
    }

    /// A text in quotes on one line, with the escapes of JSON.
    fn scan_text(&mut self) -> Result<Token, String> {
        let start = self.at;
        let mut is_escaped = false;
        for (at, letter) in self.letters.by_ref() {
            match letter {
                _ if is_escaped => is_escaped = false,
                '\\' => is_escaped = true,
                '"' => {
                    let text = serde_json::from_str(&self.text[start..=at]);
                    return text
                        .map(Token::Text)
                        .map_err(|_| "Parse error on bad text".into());
                }
                _ => {}
            }
        }
        Err("Unexpected end of document".into())
    }

    fn takes(&mut self, sign: char) -> bool {
        let is_it = self.token == Token::Sign(sign);
        is_it && self.step().is_ok()
    }

    fn sign(&mut self, sign: char) -> Result<(), String> {
        if self.token != Token::Sign(sign) {
            return Err(self.unexpected());
        }
        self.step().map(|_| ())
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let is_it = matches!(&self.token, Token::Name(name) if name == word);
        is_it && self.step().is_ok()
    }

    fn word(&mut self, word: &str) -> Result<(), String> {
        match self.takes_word(word) {
            true => Ok(()),
            false => Err(self.unexpected()),
        }
    }

    fn name(&mut self) -> Result<String, String> {
        if !matches!(self.token, Token::Name(_)) {
            return Err(self.unexpected());
        }
        match self.step()? {
            Token::Name(name) => Ok(name),
            _ => Err(self.unexpected()),
        }
    }

    /// `$name: Type = default, …` up to the closing parenthesis.
    fn variables(&mut self) -> Result<Vec<Variable>, String> {
        let mut variables = Vec::new();
        while !self.takes(')') {
            self.sign('$')?;
            let name = self.name()?;
            self.sign(':')?;
            let kind = self.kind()?;
            let default = match self.takes('=') {
                true => Some(Given::default().value(&self.argument()?)),
                false => None,
            };
            variables.push(Variable {
                name,
                kind,
                default,
            });
        }
        Ok(variables)
    }

    fn kind(&mut self) -> Result<String, String> {
        let mut kind = if self.takes('[') {
            let inner = self.kind()?;
            self.sign(']')?;
            format!("[{inner}]")
        } else {
            self.name()?
        };
        if self.takes('!') {
            kind.push('!');
        }
        Ok(kind)
    }

    fn selections(&mut self) -> Result<Vec<Selection>, String> {
        self.sign('{')?;
        let mut selections = Vec::new();
        while !self.takes('}') {
            selections.push(self.selection()?);
        }
        match selections.is_empty() {
            true => Err(self.unexpected()),
            false => Ok(selections),
        }
    }

    fn selection(&mut self) -> Result<Selection, String> {
        if self.token == Token::Spread {
            self.step()?;
            if self.token == Token::Sign('{') {
                let selections = self.selections()?;
                return Ok(Selection::Inline {
                    on: None,
                    selections,
                });
            }
            let name = self.name()?;
            if name != "on" {
                return Ok(Selection::Spread { name });
            }
            let on = Some(self.name()?);
            let selections = self.selections()?;
            return Ok(Selection::Inline { on, selections });
        }
        let key = self.name()?;
        let name = match self.takes(':') {
            true => self.name()?,
            false => key.clone(),
        };
        let arguments = match self.takes('(') {
            true => self.arguments(')')?,
            false => Vec::new(),
        };
        let selections = match self.token == Token::Sign('{') {
            true => self.selections()?,
            false => Vec::new(),
        };
        Ok(Selection::Field(Field {
            key,
            name,
            arguments,
            selections,
        }))
    }

    fn arguments(&mut self, end: char) -> Result<Vec<(String, Argument)>, String> {
        let mut arguments = Vec::new();
        while !self.takes(end) {
            let name = self.name()?;
            self.sign(':')?;
            arguments.push((name, self.argument()?));
        }
        Ok(arguments)
    }

    fn argument(&mut self) -> Result<Argument, String> {
        if self.takes('$') {
            return self.name().map(Argument::Variable);
        }
        if self.takes('{') {
            return self.arguments('}').map(Argument::Object);
        }
        if self.takes('[') {
            let mut list = Vec::new();
            while !self.takes(']') {
                list.push(self.argument()?);
            }
            return Ok(Argument::List(list));
        }
        if matches!(self.token, Token::Sign(_) | Token::Spread | Token::End) {
            return Err(self.unexpected());
        }
        Ok(Argument::Plain(match self.step()? {
            Token::Number(number) => number,
            Token::Name(word) if word == "null" => Value::Null,
            Token::Name(word) if word == "true" || word == "false" => (word == "true").into(),
            Token::Name(word) | Token::Text(word) => word.into(),
            Token::Sign(_) | Token::Spread | Token::End => return Err(self.unexpected()),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn field(selection: &Selection) -> &Field {
        match selection {
            Selection::Field(field) => field,
            other => panic!("{other:?} is no field"),
        }
    }

    #[test]
    fn a_query_is_taken_apart() {
        let text = r#"query Many($ids: [ID!]!, $first: Int = 5) { # all
            a: nodes(ids: $ids, order: {by: DATE, list: [1, -2]}, text: "x\"y") {
                ... on Repository { ...Part }
            }
        }
        fragment Part on Repository { name refs(first: $first) { totalCount } }"#;
        let document = Document::read(text).unwrap();
        let sent = json!({ "ids": ["R_1"] });
        let given = document.bind(sent.as_object().unwrap().clone()).unwrap();
        let nodes = field(&document.selections[0]);
        assert_eq!((nodes.key.as_str(), nodes.name.as_str()), ("a", "nodes"));
        assert_eq!(given.argument(nodes, "ids"), Some(json!(["R_1"])));
        let order = json!({ "by": "DATE", "list": [1, -2] });
        assert_eq!(given.argument(nodes, "order"), Some(order));
        assert_eq!(given.text(nodes, "text").unwrap(), "x\"y");
        let refs = field(&document.fragments[0].selections[1]);
        assert_eq!(given.number(refs, "first"), Some(5));
    }

    #[test]
    fn what_is_no_query_is_refused_where_it_goes_wrong() {
        let check = |text: &str, expected: &str| {
            assert_eq!(Document::read(text).unwrap_err(), expected, "{text}");
        };
        check("{ a(b: ) }", "Parse error on \")\" at [1, 8]");
        check("{\n  a }}", "Parse error on \"}\" at [2, 6]");
        check("{ a", "Unexpected end of document");
        check("", "Unexpected end of document");
        check("{ a @skip(if: true) }", "Parse error on \"@\" at [1, 5]");
        check("{ a } { b }", "An operation name is required");
        check("mutation { a }", "Parse error on \"mutation\" at [1, 1]");
        check("{ a ; }", "Parse error on \";\" (error)");
    }

    #[test]
    fn a_variable_of_the_wrong_type_is_refused() {
        let document = Document::read("query($ids: [ID!]!) { a }").unwrap();
        for sent in [json!({}), json!({ "ids": 7 }), json!({ "ids": null })] {
            let sent = sent.as_object().unwrap().clone();
            let problem = document.bind(sent).unwrap_err();
            assert_eq!(
                problem,
                "Variable $ids of type [ID!]! was provided invalid value"
            );
        }
    }
}
