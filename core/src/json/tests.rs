use super::deserializer::whole;
use super::*;
use proptest::prelude::*;

/// Texts that are JSON, or nearly.
fn nearly_json() -> impl Strategy<Value = String> {
    let tokens = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\"a\"",
        "\"b\":",
        "\"\\",
        "\\u",
        "d800",
        "DC00",
        "\\n",
        "\\\"",
        "\\x",
        "0",
        "-",
        "1",
        "12",
        ".",
        "e",
        "E+",
        "null",
        "true",
        "false",
        "nul",
        " ",
        "\n",
        "\t",
        "\u{b}",
        "\u{1f}",
        "\u{7f}",
        "é",
        "\u{a0}",
        "{}",
        "[]",
        "[1]",
        "{\"k\":1}",
        "\"\\ud83d\\ude00\"",
        "-0",
        "1e5",
        "0.5",
    ]);
    prop::collection::vec(tokens, 0..12).prop_map(|tokens| tokens.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn is_json_where_serde_json_says_so(text in nearly_json()) {
        let ours = Json::parse(&text).ok();
        let theirs = serde_json::from_str::<&RawValue>(&text).ok();
        prop_assert_eq!(ours.as_ref().map(Json::as_str), theirs.map(RawValue::get));
    }

    #[test]
    fn tells_items_apart_as_serde_json_does(inner in nearly_json()) {
        let text = format!("[{inner}]");
        let ours = from_str::<Vec<Json>>(&text).ok();
        let theirs = serde_json::from_str::<Vec<&RawValue>>(&text).ok();
        let ours = ours.as_ref().map(|items| items.iter().map(Json::as_str).collect::<Vec<_>>());
        let theirs = theirs.map(|items| items.into_iter().map(RawValue::get).collect::<Vec<_>>());
        prop_assert_eq!(ours, theirs);

        let text = format!("{{{inner}}}");
        let theirs = serde_json::from_str::<BTreeMap<String, &RawValue>>(&text);
        match (from_str::<Extra>(&text), theirs) {
            (Ok(ours), Ok(theirs)) => {
                let ours: Vec<_> = ours.iter().map(|(name, json)| (name, json.as_str())).collect();
                let theirs: Vec<_> = theirs.iter().map(|(name, json)| (name.as_str(), json.get())).collect();
                prop_assert_eq!(ours, theirs);
            }
            (Err(error), Ok(_)) => prop_assert_eq!(error.code(), Code::JsonDuplicateField),
            (ours, theirs) => prop_assert!(ours.is_err() && theirs.is_err()),
        }
    }

    #[test]
    fn reads_strings_as_serde_json_does(inner in nearly_json()) {
        let text = format!("\"{inner}\"");
        let ours = from_str::<String>(&text).ok();
        let theirs = serde_json::from_str::<String>(&text).ok();
        prop_assert_eq!(&ours, &theirs);
        // Of the vendor's, only what surrogates do is different.
        let tolerant = from_vendor::<String>(&text).ok();
        let replaced = tolerant.as_ref().is_some_and(|text| text.contains(char::REPLACEMENT_CHARACTER));
        prop_assert!(tolerant == ours || replaced);
    }

    #[test]
    fn whole_numbers_are_the_same_in_every_spelling(number: i64, shift in 0_u32..63, zeros in 0_usize..25) {
        let number = (number >> shift) | 1;
        let digits = number.unsigned_abs().to_string();
        let sign = if number < 0 { "-" } else { "" };
        let (first, rest) = digits.split_at(1);
        let spellings = [
            format!("{sign}{digits}.{}", "0".repeat(zeros + 1)),
            format!("{sign}{first}.{rest}0e{}", rest.len()),
            format!("{sign}{digits}{}E-{zeros}", "0".repeat(zeros)),
        ];
        for spelling in spellings {
            prop_assert_eq!(whole(&spelling), Some(i128::from(number)), "{}", &spelling);
            prop_assert_eq!(from_vendor::<i64>(&spelling), Ok(number));
            prop_assert_eq!(from_vendor::<i64>(&format!("\"{spelling}\"")), Ok(number));
            prop_assert!(from_str::<i64>(&spelling).is_err());
        }
    }
}

#[test]
fn a_number_that_is_not_whole_or_too_large_is_none() {
    for number in [
        "0.5",
        "1e-1",
        "1e400",
        "1e-400",
        "15e-1",
        "1e99999999999999999999",
    ] {
        assert_eq!(whole(number), None, "{number}");
    }
    for number in ["0e400", "-0", "0.000e-99999999999999999999"] {
        assert_eq!(whole(number), Some(0), "{number}");
    }
}

#[test]
fn a_control_character_is_refused_wherever_it_stands_in_a_string() {
    for length in 1..70 {
        for at in 0..length {
            for character in ["\0", "\t", "\u{1f}", " ", "\u{7f}", "é", "\\n", "\\"] {
                let mut text = "a".repeat(length);
                text.replace_range(at..=at, character);
                let text = format!("\"{text}\"");
                let theirs = serde_json::from_str::<&RawValue>(&text);
                assert_eq!(Json::parse(&text).is_ok(), theirs.is_ok(), "{text:?}");
            }
        }
    }
}

#[test]
fn depth_is_no_danger() {
    let text = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    assert_eq!(Json::parse(&text).unwrap().as_str().len(), text.len());
}

#[test]
fn fields_that_are_not_known_are_exact_however_they_are_read() {
    #[derive(Debug, PartialEq, Deserialize, Serialize)]
    struct Open {
        id: u64,
        #[serde(flatten)]
        extra: Extra,
    }

    let text = r#"{"id":1,"big":12345678901234567890.10,"nested":{"a":[1.10,null]}}"#;
    let open: Open = from_str(text).unwrap();
    assert_eq!(
        open.extra.get("big").unwrap().as_str(),
        "12345678901234567890.10"
    );
    let mut sorted = serde_json::to_string(&open).unwrap();
    assert_eq!(sorted, text);
    // Another reader has rounded by then, so what may be wrong is refused.
    assert!(serde_json::from_str::<Open>(text).is_err());
    sorted = sorted.replace("12345678901234567890.10", "1.5");
    let open: Open = serde_json::from_str(&sorted).unwrap();
    assert_eq!(
        open.extra.get("nested").unwrap().as_str(),
        r#"{"a":[1.1,null]}"#
    );
}

#[test]
fn errors_repeat_nothing_that_came_in() {
    let secret = "4111111111111111";
    for text in [
        format!(r#"{{"alter":"{secret}"}}"#),
        format!(r#"{{"{secret}":1}}"#),
        format!(r#"{{"user_id":"{secret}"}}"#),
        format!(r#"{{"user_id":[{secret}]}}"#),
        format!(r#"{{"pin":"{secret}"}}"#),
        format!(r#"["{secret}"]"#),
        format!("{secret}{secret}"),
        format!("\"{secret}"),
    ] {
        let error = from_str::<crate::operations::card::UpdateStatus>(&text).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("4111"), "{text}");
    }
}
