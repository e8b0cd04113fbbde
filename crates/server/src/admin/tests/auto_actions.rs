//! Auto-actions that whoever manages the store registers for a user.

use restante_ber::{Decode as _, SetOf};
use restante_mhs::x413::{AutoActionRegistration, Filter, FilterItem, RegisterMSArgument, oids};
use restante_mhs::x420::AutoForwardRegistrationParameter88;

use super::*;

fn path(rest: &str) -> String {
    format!("/api/mailboxes/{ALICE_IN_PATH}/auto-actions{rest}")
}

impl Api {
    async fn register(&self, token: &str, body: Value) -> Answer {
        self.ask(Method::POST, &path(""), token, body).await
    }
}

#[tokio::test]
async fn what_is_registered_is_listed_changed_and_removed() {
    let api = Api::new(|_| {});
    api.fill(1);
    let [mon, ops] = [api.token("mon").await, api.token("ops").await];
    let forward = json!({"kind": "auto-forward", "filter": "priority = urgent",
        "to": ["CN=Bob; C=GB", "/CN=Carol/C=GB/"], "cover_note": "see below\nAlice",
        "comment": "on leave", "prefix": "AF", "content_identifier": "forwarded",
        "priority": "normal", "indicators": ["content-return-request"], "delete": true});
    let new = json!({"number": 3, "action": forward});
    api.register("", new.clone()).await.is(401);
    api.register(&mon, new.clone()).await.is(403);
    let state = api.register(&ops, new).await.is(200).json();
    assert_eq!((&state["kind"], &state["whole"]), (&json!("auto-forward"), &json!(true)));
    let later = json!({"kind": "delayed-auto-forward", "delay_s": 900,
        "forward": {"to": ["CN=Bob; C=GB"]}});
    api.register(&ops, json!({"action": later})).await.is(200);
    let alert = json!({"kind": "auto-alert", "attributes": ["priority", "from"]});
    api.register(&ops, json!({"action": alert})).await.is(200);
    for kind in ["auto-delete", "auto-correlate-reports", "ipm-auto-correlate"] {
        api.register(&ops, json!({"action": {"kind": kind}})).await.is(200);
    }
    let receipts = json!({"kind": "ipm-auto-acknowledgement", "text": "by the store"});
    api.register(&ops, json!({"action": receipts})).await.is(200);
    let discard = json!({"kind": "ipm-auto-discard", "expired": true, "filter": "size > 9"});
    api.register(&ops, json!({"action": discard})).await.is(200);

    api.get(&path(""), "").await.is(401);
    let all = api.get(&path(""), &mon).await.is(200).json();
    let all = all.as_array().unwrap();
    assert_eq!(all.len(), 8, "{all:?}");
    assert!(all.iter().all(|one| one["whole"] == json!(true)), "{all:?}");
    let said = |kind: &str| all.iter().find(|one| one["kind"] == json!(kind)).unwrap();
    let mut expected = forward.clone();
    expected["to"] = json!(["/CN=Bob/C=GB/", "/CN=Carol/C=GB/"]);
    assert_eq!(said("auto-forward")["action"], expected);
    assert_eq!(said("auto-forward")["number"], json!(3));
    assert_eq!(said("delayed-auto-forward")["action"]["delay_s"], json!(900));
    assert_eq!(said("auto-alert")["action"]["attributes"], json!(["priority", "from"]));

    let other = json!({"kind": "auto-forward", "to": ["/CN=Dora/C=GB/"]});
    api.register(&ops, json!({"number": 3, "action": other})).await.is(200);
    let remove = async |what: &str, token: &str| {
        api.ask(Method::DELETE, &path(what), token, Value::Null).await
    };
    remove("/auto-forward/3", &mon).await.is(403);
    remove("/auto-forward/1", &ops).await.is(404);
    remove("/auto-nothing/1", &ops).await.is(404);
    remove("/delayed-auto-forward/1", &ops).await.is(204);
    let left = api.get(&path(""), &mon).await.is(200).json();
    let left = left.as_array().unwrap();
    assert_eq!(left.len(), 7);
    let forward = left.iter().find(|one| one["kind"] == json!("auto-forward")).unwrap();
    assert_eq!(forward["action"]["to"], json!(["/CN=Dora/C=GB/"]));
}

#[tokio::test]
async fn what_can_not_be_registered_is_told() {
    let api = Api::new(|_| {});
    let ops = api.token("ops").await;
    let forward = |more: Value| {
        let mut action = json!({"kind": "auto-forward", "to": ["/CN=Bob/C=GB/"]});
        action.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"action": action})
    };
    assert_eq!(api.get(&path(""), &ops).await.is(200).json(), json!([]));
    let nobody = path("").replace("alice", "nobody");
    api.ask(Method::POST, &nobody, &ops, forward(json!({}))).await.is(404);
    for wrong in [
        json!({"to": []}),
        json!({"to": ["nobody"]}),
        json!({"filter": "subject like x"}),
        json!({"filter": "content = #05"}),
        json!({"cover_note": "Grüße"}),
        json!({"content_identifier": "longer than sixteen"}),
        json!({"comment": "a\nb"}),
        json!({"colour": "red"}),
        json!({"indicators": ["reserved"]}),
    ] {
        let answer = api.register(&ops, forward(wrong.clone())).await;
        assert_eq!(answer.status.as_u16(), 422, "{wrong}: {}", answer.body);
    }
    let mut numbered = forward(json!({}));
    numbered["number"] = json!(0);
    api.register(&ops, numbered).await.is(422);
    let now = json!({"kind": "delayed-auto-forward", "delay_s": 0, "forward": {"to": [ALICE]}});
    api.register(&ops, json!({"action": now})).await.is(422);
    let told = json!({"kind": "auto-alert", "attributes": ["colour"]});
    api.register(&ops, json!({"action": told})).await.is(422);
    let nothing = json!({"kind": "auto-modify"});
    api.register(&ops, json!({"action": nothing})).await.is(422);
    assert_eq!(api.get(&path(""), &ops).await.is(200).json(), json!([]));
}

#[tokio::test]
async fn what_a_user_agent_registered_beyond_the_fields_is_told_to_be_more() {
    let api = Api::new(|_| {});
    api.fill(1);
    let ops = api.token("ops").await;
    let body = json!({"action": {"kind": "auto-forward", "to": ["/CN=Bob/C=GB/"]}});
    api.register(&ops, body).await.is(200);
    let user = api.admin.shared.directory.user(&ALICE.parse::<ORAddress>().unwrap().key());
    let user = user.unwrap().unwrap();
    let mut one = api.admin.registrations(&user).unwrap().remove(0);
    let octets = one.registration_parameter.unwrap().octets();
    let mut parameter = AutoForwardRegistrationParameter88::from_bytes(&octets).unwrap();
    parameter.auto_forward_arguments.deferred_delivery_time = Some(UtcTime(1_900_000_000));
    let subject = FilterItem::Present(restante_mhs::x420::oids::ID_HAT_SUBJECT);
    parameter.filter = Some(Filter::Item(subject));
    one.registration_parameter = Some(restante_mhs::x413::AttributeValue::of(&parameter));
    let nothing = AutoActionRegistration {
        auto_action_type: oids::ID_ACT_AUTO_DELETE,
        registration_identifier: 2,
        registration_parameter: None,
    };
    let argument = RegisterMSArgument {
        auto_action_registrations: Some(SetOf(vec![one, nothing])),
        ..RegisterMSArgument::default()
    };
    api.admin.register_ms(&user, &argument).unwrap();
    let all = api.get(&path(""), &ops).await.is(200).json();
    let forward = all.as_array().unwrap().iter().find(|one| one["kind"] == "auto-forward");
    let forward = forward.unwrap();
    assert_eq!(forward["whole"], json!(false));
    assert_eq!(forward["action"]["filter"], json!("has subject"));
}
