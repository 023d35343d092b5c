//! Plans and request bodies: what is read can be written, read again, and sealed.
#![no_main]

use bananatech_core::{AnyOperation, Operation, OperationKind, Plan};
use bananatech_fuzz::{MERCHANT, checked, iv, text, with_canaries};
use libfuzzer_sys::fuzz_target;

fn plan(text: &str) {
    let Some(plan) = checked(Plan::from_json(text)) else {
        return;
    };
    let written = plan.to_json();
    let again = Plan::from_json(&written).expect("our own JSON is read");
    assert_eq!(plan, again);
    assert_eq!(written, again.to_json());
    let call = MERCHANT.seal(plan, iv()).expect("a plan is checked");
    assert!(
        call.request()
            .body()
            .starts_with("{\"encrypted_payload\":\"")
    );
}

fn body(kind: OperationKind, text: &str) {
    let Some(operation) = checked(AnyOperation::from_json(kind, text)) else {
        return;
    };
    assert_eq!(operation.kind(), kind);
    // The wire's form is JSON, and says the same.
    let wire = operation.wire_body();
    let again = AnyOperation::from_json(kind, &wire).expect("our own body is read");
    assert_eq!(operation, again);
    if let Some(plan) = checked(Plan::new(operation)) {
        let read = Plan::from_json_with_open_fields(&plan.to_json(), OperationKind::ALL);
        assert_eq!(read.as_ref(), Ok(&plan));
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((first, text)) = text(data) else {
        return;
    };
    let kind = OperationKind::ALL[first % OperationKind::ALL.len()];
    for text in with_canaries(first, text) {
        plan(&text);
        body(kind, &text);
        plan(&format!(
            r#"{{"operation":"{}","body":{text}}}"#,
            kind.name()
        ));
    }
});
