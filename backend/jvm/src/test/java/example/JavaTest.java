package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sqlite.SQLiteDataSource;
import space.bananatech.AnyOperation;
import space.bananatech.Assign;
import space.bananatech.Assumptions;
import space.bananatech.AssumptionsBuilder;
import space.bananatech.BananaTechException;
import space.bananatech.BananatechKt;
import space.bananatech.CardBalance;
import space.bananatech.CardId;
import space.bananatech.GetAccountBalance;
import space.bananatech.GetBalance;
import space.bananatech.Merchant;
import space.bananatech.MerchantOptionsBuilder;
import space.bananatech.NotSentException;
import space.bananatech.Notice;
import space.bananatech.Outcome;
import space.bananatech.Plan;
import space.bananatech.Recharge;
import space.bananatech.Redacted;
import space.bananatech.Sent;
import space.bananatech.SentState;
import space.bananatech.TemplateId;
import space.bananatech.TrackedOperation;
import space.bananatech.UserId;
import space.bananatech.backend.Backend;
import space.bananatech.backend.BackendBlocking;
import space.bananatech.backend.BackendBuilder;
import space.bananatech.backend.BackendEvent;
import space.bananatech.backend.Backends;
import space.bananatech.backend.CardBackendBlocking;
import space.bananatech.backend.Received;
import space.bananatech.backend.Sandbox;
import space.bananatech.backend.Sender;
import space.bananatech.backend.Sqlite;

/** The backend as a program in Java has it. */
class JavaTest {
    private final List<TrackedOperation> settled = new CopyOnWriteArrayList<>();

    private void book(TrackedOperation operation) {
        settled.add(operation);
    }

    // #region fake
    static class FakeBackend implements CardBackendBlocking {
        final Map<String, AnyOperation> sent = new HashMap<>();

        // What is sent by its type comes here, as a plan that was checked.
        @Override
        public Sent send(Plan plan, String reference) {
            sent.put(reference, plan.getOperation());
            return new Sent(BananatechKt.tracked(plan.getOperation(), UUID.randomUUID(), Instant.now(), null, reference), SentState.Waits.INSTANCE);
        }

        @Override
        public CardBalance ask(GetBalance operation) {
            return new CardBalance(new BigDecimal("100.00"), null, "USD", Map.of());
        }
    }
    // #endregion fake

    @Test
    void aFakeStandsInTheBackendsPlace() throws Exception {
        FakeBackend fake = new FakeBackend();
        CardBackendBlocking backend = fake;
        Recharge recharge = new Recharge(new UserId(12345), new CardId(200001), new BigDecimal("5.00"));
        assertEquals("waits", Backends.getWord(backend.send(recharge, "order 7").getState()));
        assertEquals(Map.of("order 7", new AnyOperation.Recharge(recharge)), fake.sent);
        assertEquals("USD", backend.ask(new GetBalance(new UserId(12345), new CardId(200001))).getCurrency());
        assertThrows(UnsupportedOperationException.class, () -> backend.card(new CardId(200001)));
    }

    @Test
    void aBackendIsBuiltWithWhatIsSetAlone() throws Exception {
        SQLiteDataSource database = new SQLiteDataSource();
        database.setUrl("jdbc:sqlite::memory:");
        Merchant merchant = new Merchant(new MerchantOptionsBuilder(
            "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10", URI.create("https://api.example"), new Redacted(Sandbox.KEY)).build());
        Assumptions assumptions = new AssumptionsBuilder(Instant.now().minus(Duration.ofDays(1))).build();
        Recharge recharge = new Recharge(new UserId(12345), new CardId(200001), new BigDecimal("5.00"));
        Sqlite store = new Sqlite(database);
        List<BackendEvent> events = new CopyOnWriteArrayList<>();
        BackendBlocking backend = new BackendBuilder(merchant, assumptions, store)
            .sender(request -> {
                throw new NotSentException(new IOException("nobody listens"), request);
            })
            .oneAtATime(false)
            .waitAtMost(Duration.ofMinutes(1))
            .askAfter(Duration.ofMinutes(5))
            .rest(Duration.ofSeconds(1))
            .onEvent(events::add)
            .build()
            .blocking();
        Sent sent = backend.send(recharge, "order 7");
        assertEquals("not_sent", Backends.getWord(sent.getState()));
        assertEquals(Duration.ofMinutes(5), Duration.between(sent.getOperation().getSentAt(), sent.getOperation().getAskAt()));
        BackendEvent.Sent told = (BackendEvent.Sent) events.get(1);
        assertEquals("the request to api.example didn't leave: java.io.IOException: nobody listens", told.getError().getMessage());
        BananaTechException refused = assertThrows(BananaTechException.InvalidInput.class,
            () -> new BackendBuilder(merchant, assumptions, store).rest(Duration.ofSeconds(-1)).build());
        assertEquals("rest", refused.getField());
        store.close();
        assertThrows(IllegalStateException.class, () -> new BackendBuilder(merchant, assumptions, store).build().blocking().counts());
    }

    private void alert(Notice notice) {
        throw new IllegalStateException("a person has to look: " + notice);
    }

    @AfterEach
    void nobodyTakesWebhooks() {
        Sandbox.take = body -> 503;
    }

    @Test
    @Timeout(60)
    void anAssignmentIsSentAndTold() throws Exception {
        SQLiteDataSource database = new SQLiteDataSource();
        database.setUrl("jdbc:sqlite::memory:");
        try (Sqlite store = new Sqlite(database)) {
            String merchantId = "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10";
            URI baseUrl = URI.create(Sandbox.getUrl());
            Redacted secretKey = new Redacted(Sandbox.KEY);
            Instant since = Instant.now().minus(Duration.ofDays(1));
            Assign assign = new Assign(new UserId(12345), new TemplateId(1), new Redacted("1234567890123465"));

            Merchant merchant = new Merchant(new MerchantOptionsBuilder(merchantId, baseUrl, secretKey).sealedAnswersOnly(true).build());
            Assumptions assumptions = new AssumptionsBuilder(since).build();
            BackendBlocking backend = new Backend(merchant, assumptions, store, Sender.jdk()).blocking();

            Sandbox.take = body -> {
                Received received = backend.receive(body);
                return received.getStatus();
            };

            Sent sent = backend.send(assign, "order 7");

            assertInstanceOf(SentState.Taken.class, sent.getState());
            assertEquals("taken", Backends.getWord(sent.getState()));

            Thread worker = new Thread(() -> backend.work(notice -> {
                if (notice instanceof Notice.Settled) book(((Notice.Settled) notice).getOperation());
                else if (notice instanceof Notice.NotSent) book(((Notice.NotSent) notice).getOperation());
                else alert(notice);
            }));
            worker.start(); // until it is interrupted

            while (settled.isEmpty() || backend.counts().getUntold() > 0) Thread.sleep(20);
            worker.interrupt();
            worker.join();
            assertEquals("order 7", settled.get(0).getReference());
            assertInstanceOf(Outcome.Failed.class, settled.get(0).getOutcome());

            Recharge nothing = new Recharge(new UserId(12345), new CardId(1), new BigDecimal("-1"));
            assertThrows(BananaTechException.InvalidInput.class, () -> backend.send(nothing, "order 8"));
            assertEquals(0, backend.counts().getUntold());
            assertEquals("USD", backend.ask(new GetAccountBalance()).getCurrency());
            assertTrue(backend.operationByReference("order 7").getOutcome() instanceof Outcome.Failed);
        }
    }
}
