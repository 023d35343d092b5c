package space.bananatech.backend

import java.math.BigDecimal
import java.sql.SQLException
import java.util.concurrent.CyclicBarrier
import javax.sql.DataSource
import kotlin.concurrent.thread
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.EnumSource
import org.sqlite.SQLiteDataSource
import space.bananatech.Assumptions
import space.bananatech.BackendValue
import space.bananatech.CardId
import space.bananatech.Recharge
import space.bananatech.Redacted
import space.bananatech.UserId
import space.bananatech.plan

/** What is expected of a database and its driver. */
class StoreTest {
    private fun JdbcTransaction.one(sql: String, vararg values: BackendValue) = query(sql, values.toList()).single().single()

    private fun text(value: String) = BackendValue.Text(value)

    private fun number(value: Long) = BackendValue.Number(value)

    @ParameterizedTest
    @EnumSource
    fun valuesComeBackAsTheyWent(kind: Kind) {
        val store = kind.open(kind.database())
        val all = listOf(text("ü'$?"), number(Long.MAX_VALUE), number(-1), BackendValue.Null, BackendValue.Flag(true))
        val transaction = store.begin()
        val columns = "CAST(? AS TEXT), CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS TEXT), ?"
        val row = transaction.query("SELECT $columns", all).single()
        // SQLite has 1 and 0.
        val flag = if (kind == Kind.SQLITE) number(1) else BackendValue.Flag(true)
        assertEquals(all.dropLast(1) + flag, row)
        transaction.rollBack()
    }

    @ParameterizedTest
    @EnumSource
    fun whatIsTakenBackIsGone(kind: Kind) {
        val store = kind.open(kind.database())
        val card = { id: String ->
            store.begin().apply {
                query("INSERT INTO bananatech_cards (merchant, id, content) VALUES (?, ?, ?)", listOf(text("m"), text(id), text("{}")))
            }
        }
        card("1").rollBack()
        card("2").commit()
        val transaction = store.begin()
        assertEquals(text("2"), transaction.one("SELECT id FROM bananatech_cards WHERE merchant = ?", text("m")))
        transaction.rollBack()
    }

    @ParameterizedTest
    @EnumSource
    fun manyMayOpenAnEmptyDatabaseAtOnce(kind: Kind) {
        // They rarely meet in SQLite: it takes a moment only.
        val databases = List(if (kind == Kind.SQLITE) 300 else 1) { kind.database() }
        val barrier = CyclicBarrier(4)
        val failures = java.util.Collections.synchronizedList(mutableListOf<Throwable>())
        List(4) {
            thread {
                for (database in databases) {
                    barrier.await()
                    runCatching { (kind.open(database) as? AutoCloseable)?.close() }.onFailure(failures::add)
                }
            }
        }.forEach { it.join() }
        assertEquals(emptyList<Throwable>(), failures)
    }

    @ParameterizedTest
    @EnumSource
    fun tablesOfANewerVersionAreLeftAlone(kind: Kind) {
        val database = kind.database()
        kind.open(database).begin().apply {
            query("INSERT INTO bananatech_schema (version) VALUES (?)", listOf(number(1000)))
            commit()
        }
        val error = assertThrows<SQLException> { kind.open(database) }
        assertTrue(error.message!!.contains("newer version"), error.message)
    }

    /** Two make the same row at once, or wait for one another. */
    @Test
    fun whatWasInTheWayInPostgresIsAConflict() {
        val store = Kind.POSTGRESQL.run { open(database()) }
        fun JdbcTransaction.lock(row: String) = query("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", listOf(text(row)))
        val barrier = CyclicBarrier(2)
        val errors = java.util.Collections.synchronizedList(mutableListOf<SQLException>())
        listOf("a" to "b", "b" to "a").map { (first, second) ->
            thread {
                val transaction = store.begin()
                try {
                    transaction.lock(first)
                    barrier.await()
                    transaction.lock(second)
                    transaction.commit()
                } catch (error: SQLException) {
                    errors += error
                    transaction.rollBack()
                }
            }
        }.forEach { it.join() }
        assertTrue(store.isConflict(errors.single()), "${errors.single().sqlState}")

        val row = listOf(text("m"), text("1"), text("{}"))
        val insert = "INSERT INTO bananatech_cards (merchant, id, content) VALUES (?, ?, ?)"
        store.begin().apply { query(insert, row) }.commit()
        val transaction = store.begin()
        assertTrue(store.isConflict(assertThrows<SQLException> { transaction.query(insert, row) }))
        transaction.rollBack()
        val broken = store.begin()
        assertFalse(store.isConflict(assertThrows<SQLException> { broken.query("SELECT nothing FROM nowhere") }))
        broken.rollBack()
    }

    @Test
    fun whoeverWritesInSqliteIsInTheWay() {
        val database = Kind.SQLITE.database()
        val (one, other) = Sqlite(database) to Sqlite(database)
        other.begin().apply {
            script("PRAGMA busy_timeout = 10")
            commit()
        }
        val writing = one.begin()
        assertTrue(other.isConflict(assertThrows<SQLException> { other.begin() }))
        writing.commit()
        other.begin().commit()
    }

    @Test
    fun aConnectionWhoseTransactionMayBeOpenIsNotUsedAgain() {
        val database = Kind.POSTGRESQL.database()
        pool(database).use { pool ->
            val store = Postgres(pool)
            val transaction = store.begin()
            val number = transaction.one("SELECT pg_backend_pid()")
            database.execute("SELECT pg_terminate_backend(${(number as BackendValue.Number).value})")
            assertThrows<SQLException> { transaction.query("SELECT 1") }
            assertThrows<SQLException> { transaction.rollBack() }
            repeat(6) {
                val next = store.begin()
                assertNotEquals(number, next.one("SELECT pg_backend_pid()"))
                next.commit()
            }
            assertEquals(0, pool.hikariPoolMXBean.activeConnections)
        }
    }

    @Test
    fun aConnectionGoesBackAsItCame() {
        pool(Kind.POSTGRESQL.database()).use { pool ->
            val store = Postgres(pool)
            store.begin().commit()
            store.begin().rollBack()
            pool.connection.use { assertTrue(it.autoCommit) }
            assertEquals(0, pool.hikariPoolMXBean.activeConnections)
        }
    }

    /** A failed end must not hold up what comes after it. */
    @Test
    fun inSqliteTheNextTransactionBeginsAfterOneThatFailed() {
        val store = Sqlite(Kind.SQLITE.database())
        val transaction = store.begin()
        transaction.script("ROLLBACK")
        assertThrows<SQLException> { transaction.commit() }
        store.begin().commit()
    }

    /** Another connection would be to another database, if it is one in memory. */
    @Test
    fun aClosedStoreIsNotOpenedAgain() = runBlocking {
        val store = Sqlite(SQLiteDataSource().apply { url = "jdbc:sqlite::memory:" })
        val events = mutableListOf<BackendEvent>()
        val backend = Backend(Sandbox.merchant(), Assumptions(null), store, onEvent = events::add)
        assertEquals(0, backend.counts().open)
        store.close()
        store.close()
        assertEquals("this store is closed", assertThrows<IllegalStateException> { store.begin() }.message)
        assertEquals("this store is closed", assertThrows<IllegalStateException> { backend.counts() }.message)
        assertThrows<IllegalStateException> { backend.send(plan(Recharge(UserId(1), CardId(2), BigDecimal.ONE)), "order 7") }
        // It comes again, to a backend whose store is open.
        val received = backend.receive(Sandbox.merchant().testWebhook("CARD_3DS", Redacted("{}"))) as Received.Failed
        assertEquals(503, received.status)
        assertTrue(received.error is IllegalStateException)
    }

    private fun DataSource.execute(sql: String) = connection.use { connection -> connection.createStatement().use { it.execute(sql) } }
}
