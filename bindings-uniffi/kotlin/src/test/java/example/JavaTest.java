package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import space.bananatech.Acknowledgement;
import space.bananatech.Answer;
import space.bananatech.Alter;
import space.bananatech.AnyCall;
import space.bananatech.AnyOperation;
import space.bananatech.AssumptionsBuilder;
import space.bananatech.BananaTechException;
import space.bananatech.BananatechKt;
import space.bananatech.Brand;
import space.bananatech.Calls;
import space.bananatech.CardId;
import space.bananatech.CardRechargeResult;
import space.bananatech.CardRechargeResultBuilder;
import space.bananatech.CardState;
import space.bananatech.CardStateBuilder;
import space.bananatech.CardStatus;
import space.bananatech.CardTemplate;
import space.bananatech.CardTemplateBuilder;
import space.bananatech.Charge;
import space.bananatech.ConfirmedCall;
import space.bananatech.Delivery;
import space.bananatech.Edited;
import space.bananatech.ErrorCode;
import space.bananatech.Event;
import space.bananatech.Expiry;
import space.bananatech.ExpiryRulesBuilder;
import space.bananatech.Fee;
import space.bananatech.FieldEdit;
import space.bananatech.FieldFormat;
import space.bananatech.FieldSelection;
import space.bananatech.Fields;
import space.bananatech.Freshness;
import space.bananatech.GetTransactions;
import space.bananatech.GetTransactionsBuilder;
import space.bananatech.KeyCodec;
import space.bananatech.Merchant;
import space.bananatech.MerchantOptionsBuilder;
import space.bananatech.Novelty;
import space.bananatech.NotSentException;
import space.bananatech.NumberField;
import space.bananatech.NumberRulesBuilder;
import space.bananatech.OperationKind;
import space.bananatech.OperationStatus;
import space.bananatech.Operations;
import space.bananatech.Outcome;
import space.bananatech.PinContextBuilder;
import space.bananatech.PinRulesBuilder;
import space.bananatech.Plan;
import space.bananatech.RecentDeliveries;
import space.bananatech.Recharge;
import space.bananatech.Records;
import space.bananatech.Redacted;
import space.bananatech.RejectionMeaning;
import space.bananatech.Report;
import space.bananatech.SetPin;
import space.bananatech.TemplateId;
import space.bananatech.TrackedKind;
import space.bananatech.TrackedOperation;
import space.bananatech.TrackedOperationBuilder;
import space.bananatech.Tracker;
import space.bananatech.Transaction;
import space.bananatech.TransactionId;
import space.bananatech.UpdateStatus;
import space.bananatech.UpdateStatusBuilder;
import space.bananatech.UserId;
import space.bananatech.Verdict;
import space.bananatech.Words;
import space.bananatech.jdk.HttpClients;

/** All that the README shows, as a program in Java has it. */
class JavaTest {
    private static final String SUCCESS =
        "{\"card_id\":200001,\"transaction_id\":1,\"receive_amount\":100,\"currency\":\"USD\",\"status\":\"SUCCESS\",\"occur_time\":";
    private static final Recharge RECHARGE = new Recharge(new UserId(12345), new CardId(200001), new BigDecimal("100.00"));

    private final Merchant merchant = new Merchant(
        new MerchantOptionsBuilder(
            "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10", URI.create("https://api.example"), new Redacted("only-for-trying-it-out: 32 bytes"))
            .codec(KeyCodec.UTF8)
            .maxWebhookBytes(1 << 16)
            .paths(Map.of(OperationKind.SET_PIN, "/pin"))
            .build());

    private Delivery recharged(Instant at) {
        byte[] webhook = merchant.testWebhook("CARD_RECHARGE_RESULT", new Redacted(SUCCESS + at.toEpochMilli() + "}"), null);
        return merchant.receive(webhook);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void theFirstLinesOfTheReadme() {
        Instant now = Instant.now();
        ConfirmedCall<Acknowledgement> call = Operations.call(merchant, RECHARGE);
        Tracker tracker = new Tracker(new AssumptionsBuilder(Instant.parse("2026-01-01T00:00:00Z")).build());
        TrackedOperation operation = call.tracked(now);
        tracker.store(operation);
        Answer<Acknowledgement> answer = call.answer(200, merchant.testAnswer(new Redacted("{\"message\": \"request sent\"}"), null));
        assertEquals("request sent", answer.getResponse().getMessage().expose());
        tracker.acknowledge(operation.getId(), answer.getAny());
        Report report = tracker.receive(recharged(now.plusMillis(5)));
        assertSame(Verdict.Settled.INSTANCE, report.getVerdict());
        TrackedOperation settled = tracker.operation(operation.getId());
        assertEquals(new CardId(200001), ((Outcome.Succeeded) settled.getOutcome()).getCardId());
        assertEquals(0, Tracker.Companion.fromJson(tracker.toJson()).overdue(now).size());
        assertNotNull(new Tracker(Calls.shared(space.bananatech.Assumptions.Companion)).assumptions());
        assertEquals("order 7", call.tracked(now, UUID.randomUUID(), now.plus(Duration.ofHours(1)), "order 7").getReference());
        assertEquals("order 9", call.tracked(now, "order 9").getReference());
        assertEquals("order 9", Calls.call(merchant, call.getOperation()).tracked(now, "order 9").getReference());
    }

    @Test
    void whatATestHasComeIsBuilt() {
        Instant now = Instant.ofEpochMilli(1_760_000_000_000L);
        CardRechargeResult recharged = new CardRechargeResultBuilder(new CardId(200001), OperationStatus.Success.INSTANCE, now)
            .transactionId(new TransactionId(1))
            .receiveAmount(new BigDecimal("100.00"))
            .build();
        Event event = new Event.CardRechargeResult(recharged);
        assertEquals(event, merchant.receive(merchant.testEvent(event, null)).getEvent());
        TrackedOperation operation = new TrackedOperationBuilder(UUID.randomUUID(), TrackedKind.RECHARGE, now, now.plusSeconds(600))
            .cardId(new CardId(200001))
            .reference("order 9")
            .outcome(new Outcome.Succeeded(new CardId(200001)))
            .finalSeq(2)
            .build();
        assertEquals("order 9", operation.getReference());
        assertEquals(2L, operation.getFinalSeq());
        assertFalse(operation.getDoubted());
    }

    @Test
    void plansAreMadeAndChecked() {
        Plan plan = Operations.plan(RECHARGE);
        Plan checked = BananatechKt.checkPlan(plan.getJson());
        assertEquals(checked, BananatechKt.checkPlanWithOpenFields(plan.getJson(), List.of(OperationKind.GET_USERS)));
        AnyOperation.Recharge operation = (AnyOperation.Recharge) checked.getOperation();
        assertEquals(12345, operation.getOperation().getUserId().getValue());
        assertSame(OperationKind.RECHARGE, Operations.getKind(checked.getOperation()));
        assertEquals("card.recharge", Words.getOperationName(OperationKind.RECHARGE));
        AnyCall call = Calls.call(merchant, checked.getOperation());
        assertNotNull(call.getRequest().getUrl());
        assertNotNull(call.tracked(Instant.now()));
        UpdateStatus lock = new UpdateStatusBuilder(new UserId(12345), new CardId(200001), Alter.LOCK).build();
        assertNull(lock.getPin());
        CardTemplate template = new CardTemplateBuilder(new TemplateId(1)).rechargeFee(BigDecimal.ONE).build();
        Charge charge = BananatechKt.charge(template, checked.getOperation(), Fee.FLAT);
        assertEquals(0, charge.getTotal().compareTo(new BigDecimal("101")));
    }

    @Test
    void whatGoesWrongIsCaught() throws Exception {
        try {
            new Merchant(new MerchantOptionsBuilder("nobody", URI.create("https://api.example"), new Redacted("only-for-trying-it-out: 32 bytes")).build());
            fail("it was taken");
        } catch (BananaTechException error) {
            assertEquals(ErrorCode.MERCHANT_ID_FORMAT, error.getCode());
        }
        try {
            Operations.plan(new SetPin(new UserId(1), new CardId(2), new Redacted("12")));
            fail("it was taken");
        } catch (BananaTechException.InvalidInput error) {
            assertEquals(ErrorCode.PIN_LENGTH, error.getCode());
            assertEquals("pin.length", error.getCode().getValue());
            assertTrue(error.getSummary().contains("pin.length"));
        }
        try {
            Operations.plan(new SetPin(new UserId(-1), new CardId(2), new Redacted("482915")));
            fail("it was taken");
        } catch (BananaTechException error) {
            assertEquals(ErrorCode.ID_RANGE, error.getCode());
        }
        try {
            Operations.call(merchant, RECHARGE).read(400, bytes("{\"message\":\"no money\"}"));
            fail("it was taken");
        } catch (BananaTechException.Rejected error) {
            assertEquals(400, error.getRejection().getStatus());
            assertEquals("no money", error.getRejection().getWords().expose());
            BananaTechException.Rejected copy = (BananaTechException.Rejected) copied(error);
            assertEquals(error.getCode(), copy.getCode());
            assertEquals(error.getMessage(), copy.getMessage());
            assertEquals(RejectionMeaning.REFUSED, copy.getRejection().getMeaning());
            assertEquals(400, copy.getRejection().getStatus());
            assertNull(copy.getRejection().getWords());
        }
        try {
            Operations.plan(new GetTransactionsBuilder().limit(-1).build());
            fail("it was taken");
        } catch (BananaTechException.InvalidInput error) {
            assertEquals("limit", error.getField());
            assertEquals(error.getCode(), ((BananaTechException) copied(error)).getCode());
        }
    }

    private static Object copied(Object object) throws IOException, ClassNotFoundException {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(written)) {
            out.writeObject(object);
        }
        assertFalse(written.toString(StandardCharsets.ISO_8859_1).contains("no money"));
        return new ObjectInputStream(new ByteArrayInputStream(written.toByteArray())).readObject();
    }

    @Test
    void webhooksAreReadOnce() {
        Instant now = Instant.now();
        Delivery delivery = recharged(now);
        Event.CardRechargeResult event = (Event.CardRechargeResult) delivery.getEvent();
        assertEquals(new CardId(200001), event.getData().getCardId());
        RecentDeliveries recent = new RecentDeliveries(100);
        assertSame(Novelty.NEW, recent.remember(delivery.getFingerprint()));
        assertSame(Novelty.DUPLICATE, recent.remember(delivery.getFingerprint()));
        assertSame(Freshness.Fresh.INSTANCE, BananatechKt.judgeTime(event, now));
        assertEquals(new CardId(200001), BananatechKt.eventFacts(event).getCardId());
        assertEquals(event, BananatechKt.readEvent(BananatechKt.writeEvent(event)));
    }

    @Test
    void aCardsStateIsFolded() {
        CardState state = new CardStateBuilder(new CardId(12345)).build();
        Event locked = BananatechKt.readEvent(new Redacted(
            "{\"type\":\"CARD_STATUS_CHANGE\",\"data\":{\"card_id\":12345,\"status\":\"SUCCESS\",\"card_status\":\"LOCKED\",\"occur_time\":2000}}"));
        assertSame(CardStatus.Locked.INSTANCE, state.fold(locked).getState().status());
    }

    @Test
    void allPagesAreRead() {
        GetTransactions list = new GetTransactionsBuilder().cardId(new CardId(1)).limit(2).build();
        String page = "{\"data\":[{\"id\":1,\"amount\":\"1\"},{\"id\":2,\"amount\":\"2\"}],\"total\":2}";
        Records<Transaction> records = Operations.pages(
            merchant, list, call -> call.read(200, merchant.testAnswer(new Redacted(page), null)));
        List<Long> ids = new ArrayList<>();
        for (Transaction transaction : records.asIterable()) ids.add(transaction.getId().getValue());
        assertEquals(List.of(1L, 2L), ids);
        assertEquals(ids, records.stream().map(transaction -> transaction.getId().getValue()).collect(Collectors.toList()));
        assertTrue(records.getEnd().isComplete());
        assertEquals(2L, records.getEnd().getTotal());
    }

    @Test
    void fieldsAreJudgedAndEdited() {
        NumberField number = BananatechKt.numberField(new Redacted("4111 1111 1111 1111"), new NumberRulesBuilder().maxLength(16).build());
        assertTrue(Fields.isValid(number.getVerdict()));
        assertSame(Brand.VISA, number.getBrand());
        assertEquals(3, Fields.getFacts(Brand.VISA).getSecurityCodeLength());
        assertTrue(Fields.isPotentiallyValid(Fields.expiryField("12/").getVerdict()));
        assertNotNull(BananatechKt.expiryField("12/27", new ExpiryRulesBuilder(YearMonth.of(2026, 1)).maxYears(5).build()));
        assertTrue(Fields.isValid(BananatechKt.postalCodeField("123", 3).getVerdict()));
        assertFalse(BananatechKt.pinField(
            new Redacted("123456"),
            new PinRulesBuilder().refuseWeak(true).context(new PinContextBuilder().phone(new Redacted("5550100")).build()).build()
        ).getWeaknesses().isEmpty());
        Edited edited = BananatechKt.editField(
            FieldFormat.Number.INSTANCE, new Redacted("41111"), new FieldSelection(5), FieldEdit.Format.INSTANCE);
        assertEquals("4111 1", edited.getText().expose());
        assertEquals(new BigDecimal("100.10"), BananatechKt.amount("100.10"));
        Expiry expiry = new Expiry(BananatechKt.expiryField("12 / 2027", new ExpiryRulesBuilder(YearMonth.of(2026, 1)).build()).getValue());
        assertEquals("12/27", expiry.toString());
        assertEquals(BananatechKt.expiry("12/27"), expiry);
        assertFalse(expiry.isExpired(YearMonth.of(2027, 12)));
        assertTrue(expiry.isExpired(YearMonth.of(2028, 1)));
    }

    /** It is sent nowhere: nobody is there. */
    @Test
    void javasOwnClientSends() throws InterruptedException {
        Merchant nearby = new Merchant(
            new MerchantOptionsBuilder(
                "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10", URI.create("http://127.0.0.1:9"), new Redacted("only-for-trying-it-out: 32 bytes"))
                .build());
        try {
            HttpClients.execute(HttpClient.newHttpClient(), Operations.call(nearby, RECHARGE), Duration.ofSeconds(5));
            fail("somebody answered");
        } catch (IOException expected) {
            assertTrue(expected.getMessage().startsWith("the request to 127.0.0.1 didn't leave: "));
        }
        Records<Transaction> records = Operations.pages(
            nearby, new GetTransactions(), call -> HttpClients.execute(HttpClient.newHttpClient(), call, Duration.ofSeconds(5)));
        assertThrows(NotSentException.class, () -> records.stream().count());
    }
}
