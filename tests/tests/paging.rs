//! Going through lists of issuers that are honest, and of others: it ends, hands out all that came, and says whether that was all.

use bananatech_core::operations::Page;
use bananatech_core::operations::card::{GetTransactions, Transaction};
use bananatech_core::operations::user::GetUsers;
use bananatech_core::{
    AnyPages, AnyResponse, Code, Extra, Json, Operation, OperationKind, Paged, Pages, Plan,
};
use proptest::prelude::*;

/// How a list was read.
#[derive(Debug, PartialEq, Eq)]
struct Read {
    ids: Vec<u64>,
    requests: usize,
    is_complete: bool,
    is_stable: bool,
}

/// Answers the page of a request: its number, what to skip, how many at most.
type Issuer<'a> = dyn FnMut(usize, usize, usize) -> (Vec<u64>, Option<u64>) + 'a;

fn page(ids: &[u64], total: Option<u64>) -> Page<Transaction> {
    let records: Vec<_> = ids
        .iter()
        .map(|id| format!(r#"{{"id":{id},"amount":1}}"#))
        .collect();
    let total = total.map_or(String::new(), |total| format!(r#","total":{total}"#));
    let body = format!(r#"{{"data":[{}]{total}}}"#, records.join(","));
    GetTransactions::default().read_response(&body).unwrap()
}

/// Reads a list, typed and as it crosses a border, stored after each page: both must say the same.
fn read(skip: Option<u64>, limit: u64, issuer: &mut Issuer<'_>) -> Read {
    let list = GetTransactions {
        skip,
        limit: Some(limit),
        ..Default::default()
    };
    let mut pages = Pages::new(list.clone());
    let mut any = AnyPages::new(Plan::new(list).unwrap()).unwrap();
    let (mut ids, mut requests) = (Vec::new(), 0);
    while let Some(request) = pages.next_page() {
        assert!(requests < 1000, "it never ends");
        assert!(!pages.is_complete() && !pages.is_stable());
        let plan = any.next_page().unwrap();
        assert_eq!(*plan.operation(), request.clone().into());
        let (records, total) = issuer(
            requests,
            usize::try_from(request.skip().unwrap()).unwrap(),
            usize::try_from(request.limit().unwrap()).unwrap(),
        );
        requests += 1;
        let page = page(&records, total);
        any.accept(&AnyResponse::GetTransactions(page.clone()))
            .unwrap();
        any = AnyPages::from_json(&any.to_json()).unwrap();
        ids.extend(pages.accept(page).unwrap().iter().map(|one| one.id.get()));
        assert_eq!(any.total(), pages.total());
    }
    assert!(any.next_page().is_none());
    assert_eq!(any.is_complete(), pages.is_complete());
    assert_eq!(any.is_stable(), pages.is_stable());
    let error = pages.accept(page(&[1], None)).unwrap_err();
    assert_eq!(error.code(), Code::PageMismatch);
    Read {
        ids,
        requests,
        is_complete: pages.is_complete(),
        is_stable: pages.is_stable(),
    }
}

fn cut(all: &[u64], skip: usize, limit: usize) -> Vec<u64> {
    all.iter().copied().skip(skip).take(limit).collect()
}

fn ids(count: u64) -> Vec<u64> {
    (0..count).collect()
}

#[test]
fn an_honest_list_takes_no_request_more_than_it_has_pages() {
    for count in 0..20 {
        for limit in 1..8 {
            let all = ids(count);
            let read = read(None, limit, &mut |_, skip, limit| {
                (cut(&all, skip, limit), Some(count))
            });
            let requests = usize::try_from(count.div_ceil(limit).max(1)).unwrap();
            let expected = Read {
                ids: all.clone(),
                requests,
                is_complete: true,
                is_stable: true,
            };
            assert_eq!(read, expected, "{count} by {limit}");
        }
    }
}

#[test]
fn a_list_without_total_ends_at_an_empty_page() {
    for count in 0..12 {
        let all = ids(count);
        let read = read(None, 3, &mut |_, skip, limit| {
            (cut(&all, skip, limit), None)
        });
        let expected = Read {
            requests: usize::try_from(count.div_ceil(3)).unwrap() + 1,
            ids: all,
            is_complete: true,
            is_stable: true,
        };
        assert_eq!(read, expected);
    }
}

#[test]
fn a_list_may_be_read_from_within() {
    let all = ids(7);
    let mut issuer = |_, skip, limit| (cut(&all, skip, limit), Some(7));
    let from_five = read(Some(5), 2, &mut issuer);
    assert_eq!((from_five.ids, from_five.requests), (vec![5, 6], 1));
    assert!(from_five.is_complete && from_five.is_stable);
    let beyond = read(Some(9), 2, &mut issuer);
    assert_eq!((beyond.ids, beyond.requests), (vec![], 1));
    assert!(beyond.is_complete && beyond.is_stable);
}

#[test]
fn a_total_that_is_too_small_does_not_end_a_list() {
    let all = ids(9);
    let read = read(None, 3, &mut |_, skip, limit| {
        (cut(&all, skip, limit), Some(5))
    });
    assert_eq!((read.ids, read.requests), (all, 4));
    assert!(read.is_complete && !read.is_stable);
}

#[test]
fn a_total_that_is_too_large_makes_a_list_incomplete() {
    let all = ids(7);
    let read = read(None, 3, &mut |_, skip, limit| {
        (cut(&all, skip, limit), Some(20))
    });
    assert_eq!((read.ids, read.requests), (all, 4));
    assert!(!read.is_complete && read.is_stable);
}

#[test]
fn a_list_that_grows_is_read_to_its_end() {
    // A record more after each page, at the end.
    let read = read(None, 3, &mut |request, skip, limit| {
        let count = 6 + u64::try_from(request.min(2)).unwrap();
        (cut(&ids(count), skip, limit), Some(count))
    });
    assert_eq!((read.ids, read.requests), (ids(8), 4));
    assert!(read.is_complete && !read.is_stable);
}

#[test]
fn a_record_that_is_added_in_front_comes_twice_and_is_not_hidden() {
    let read = read(None, 2, &mut |request, skip, limit| {
        let all = if request == 0 {
            vec![1, 2, 3, 4]
        } else {
            vec![9, 1, 2, 3, 4]
        };
        (cut(&all, skip, limit), Some(all.len() as u64))
    });
    assert_eq!(read.ids, [1, 2, 2, 3, 4]);
    assert!(!read.is_complete && !read.is_stable);
}

#[test]
fn a_list_that_shrinks_is_not_stable() {
    // The first one goes, so that the fourth is never shown: as many came as there are, and still not all.
    let read = read(None, 3, &mut |request, skip, limit| {
        let all = if request == 0 {
            ids(7)
        } else {
            (1..7).collect()
        };
        (cut(&all, skip, limit), Some(all.len() as u64))
    });
    assert_eq!((read.ids, read.requests), (vec![0, 1, 2, 4, 5, 6], 3));
    assert!(read.is_complete && !read.is_stable);
}

#[test]
fn a_total_that_comes_and_goes_is_not_trusted() {
    let all = ids(6);
    let read = read(None, 3, &mut |request, skip, limit| {
        (cut(&all, skip, limit), (request == 1).then_some(6))
    });
    assert_eq!((read.ids, read.requests), (all, 3));
    assert!(read.is_complete && !read.is_stable);
}

#[test]
fn a_total_that_only_the_first_page_has_counts_at_the_end() {
    let all = ids(6);
    let read = read(None, 3, &mut |request, skip, limit| {
        (cut(&all, skip, limit), (request == 0).then_some(9))
    });
    assert_eq!((read.ids, read.requests), (all, 3));
    assert!(!read.is_complete && !read.is_stable);
}

#[test]
fn a_list_of_equal_records_without_total_is_complete_at_its_empty_page() {
    let all = [1, 1, 1];
    let read = read(None, 1, &mut |_, skip, limit| {
        (cut(&all, skip, limit), None)
    });
    assert_eq!((read.ids, read.requests), (all.to_vec(), 4));
    assert!(read.is_complete && !read.is_stable);
}

#[test]
fn an_issuer_that_ignores_skip_is_left_after_three_pages() {
    for total in [None, Some(5), Some(1_000_000)] {
        let read = read(None, 3, &mut |_, _, limit| (cut(&ids(9), 0, limit), total));
        assert_eq!(read.ids, [0, 1, 2].repeat(4));
        assert_eq!(read.requests, 4);
        assert!(!read.is_complete && !read.is_stable, "{total:?}");
    }
    // A new record begins the count anew.
    let read = read(None, 2, &mut |request, _, _| {
        (vec![0, u64::from(request > 2)], Some(1_000_000))
    });
    assert_eq!(read.requests, 7);
}

#[test]
fn an_issuer_with_a_limit_of_its_own_is_read_to_its_end() {
    for its_own in [2, 100] {
        for total in [None, Some(9)] {
            let all = ids(9);
            let read = read(None, 4, &mut |_, skip, _| (cut(&all, skip, its_own), total));
            assert_eq!(read.ids, all);
            assert!(read.is_complete && read.is_stable);
        }
    }
}

#[test]
fn equal_ids_at_a_boundary_are_told() {
    let all = [1, 2, 3, 3, 4, 5];
    let read = read(None, 3, &mut |_, skip, limit| {
        (cut(&all, skip, limit), Some(6))
    });
    assert_eq!((read.ids, read.requests), (all.to_vec(), 2));
    assert!(!read.is_complete && !read.is_stable);
}

#[test]
fn raw_records_that_are_equal_are_no_error() {
    let record = |text: &str| Json::parse(text).unwrap();
    let page = |records: &[&str], total| Page {
        data: records.iter().map(|text| record(text)).collect(),
        total,
        extra: Extra::new(),
    };
    let mut pages = Pages::new(GetUsers {
        limit: Some(2),
        ..Default::default()
    });
    let same = [r#"{"at":1}"#, r#"{"at":1}"#];
    let mut all = Vec::new();
    for _ in 0..3 {
        all.extend(pages.accept(page(&same, Some(6))).unwrap());
    }
    assert!(pages.next_page().is_none());
    assert_eq!(all, vec![record(same[0]); 6]);
    assert!(!pages.is_complete() && !pages.is_stable());

    let mut pages = Pages::new(GetUsers::default());
    let different = [r#"{"at":1}"#, r#"{"at":2}"#, r#"{"ta":1}"#, "1", "\"1\""];
    pages.accept(page(&different, Some(5))).unwrap();
    assert!(pages.is_complete() && pages.is_stable());
}

#[test]
fn the_response_to_another_list_is_a_mix_up() {
    let mut pages = AnyPages::new(Plan::new(GetUsers::default()).unwrap()).unwrap();
    let before = pages.clone();
    let other = AnyResponse::from_json(OperationKind::GetBalance, r#"{"balance":1}"#).unwrap();
    assert_eq!(pages.accept(&other).unwrap_err().code(), Code::PageMismatch);
    assert_eq!(pages, before);
}

proptest! {
    /// Whatever comes, it ends, and all of it is handed out.
    #[test]
    fn any_list_ends_and_loses_nothing(
        answers in prop::collection::vec((prop::collection::vec(0_u64..12, 0..5), prop::option::of(0_u64..12)), 0..20), limit in 1_u64..5,
    ) {
        let mut shown: Vec<u64> = Vec::new();
        let read = read(None, limit, &mut |request, _, _| {
            // The last answer for ever.
            let answer = answers.get(request).or(answers.last()).cloned().unwrap_or_default();
            shown.extend(&answer.0);
            answer
        });
        prop_assert!(read.requests <= answers.len() + 4);
        prop_assert_eq!(&read.ids, &shown);
        let mut different = shown.clone();
        different.sort_unstable();
        different.dedup();
        prop_assert!(!read.is_stable || different.len() == shown.len());
    }
}
