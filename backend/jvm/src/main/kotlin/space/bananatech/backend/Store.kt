package space.bananatech.backend

import java.sql.Connection
import java.sql.PreparedStatement
import java.sql.ResultSet
import java.sql.SQLException
import java.sql.Types
import java.util.concurrent.locks.ReentrantLock
import javax.sql.DataSource
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource
import space.bananatech.BackendDialect
import space.bananatech.BackendStatement
import space.bananatech.BackendValue
import space.bananatech.backendSchema

/** A database: [Sqlite] or [Postgres]. Its tables are made and brought up to date when it is opened. */
public sealed class Store(internal val dialect: BackendDialect) {
    /** Begins a transaction; in SQLite one that may write. */
    internal abstract fun begin(): JdbcTransaction

    /** Whether an error says that another transaction was in the way, so that it is begun again. */
    internal abstract fun isConflict(error: SQLException): Boolean

    /** Brings the tables up to date, once [lock] has them for itself. */
    internal fun migrate(lock: JdbcTransaction.() -> Unit = {}) {
        val transaction = begin()
        try {
            transaction.lock()
            transaction.script("CREATE TABLE IF NOT EXISTS bananatech_schema (version BIGINT PRIMARY KEY)")
            val rows = transaction.query("SELECT coalesce(max(version), 0) FROM bananatech_schema")
            val found = (rows.single().single() as BackendValue.Number).value
            val versions = backendSchema(dialect)
            if (found > versions.size) throw SQLException("the tables were made by a newer version of this library")
            for (version in found + 1..versions.size) {
                transaction.script(versions[version.toInt() - 1])
                transaction.query("INSERT INTO bananatech_schema (version) VALUES (?)", listOf(BackendValue.Number(version)))
            }
            transaction.commit()
        } catch (error: Throwable) {
            runCatching { transaction.rollBack() }
            throw error
        }
    }
}

/** A transaction under way. It ends by [commit] or [rollBack], which is called once. */
internal abstract class JdbcTransaction(protected val connection: Connection) {
    abstract fun commit()

    abstract fun rollBack()

    /** Runs statements in this order, and returns the rows of each. */
    open fun run(statements: List<BackendStatement>): List<List<List<BackendValue>>> =
        statements.map { query(it.sql, it.values, 1).single() }

    /** Runs one statement, and returns its rows. */
    fun query(sql: String, values: List<BackendValue> = emptyList()): List<List<BackendValue>> =
        run(listOf(BackendStatement(sql, values))).single()

    /** Runs so many statements, which may be one text, and returns the rows of each. */
    protected fun query(sql: String, values: List<BackendValue>, count: Int): List<List<List<BackendValue>>> =
        connection.prepareStatement(sql).use { statement ->
            values.forEachIndexed { index, value -> set(statement, index + 1, value) }
            var hasRows = statement.execute()
            List(count) {
                val rows = if (hasRows) statement.resultSet.use(::rows) else emptyList()
                hasRows = statement.moreResults
                rows
            }
        }

    private fun set(statement: PreparedStatement, at: Int, value: BackendValue) = when (value) {
        // Without a type: the database knows which one it needs.
        BackendValue.Null -> statement.setNull(at, Types.NULL)
        is BackendValue.Flag -> statement.setBoolean(at, value.value)
        is BackendValue.Number -> statement.setLong(at, value.value)
        // Without a type as well: PostgreSQL's driver prepares a statement anew if a value's type isn't that of last time.
        is BackendValue.Text -> statement.setObject(at, value.value, Types.OTHER)
    }

    private fun rows(found: ResultSet): List<List<BackendValue>> {
        val columns = found.metaData.columnCount
        return buildList { while (found.next()) add(List(columns) { value(found.getObject(it + 1)) }) }
    }

    /** Runs several statements that have no rows. */
    fun script(sql: String) = connection.run(sql)

    private fun value(column: Any?): BackendValue = when (column) {
        is Number -> BackendValue.Number(column.toLong())
        is Boolean -> BackendValue.Flag(column)
        is String -> BackendValue.Text(column)
        else -> BackendValue.Null
    }
}

/** In SQLite's driver only an update runs all statements of a text. */
private fun Connection.run(sql: String) {
    createStatement().use { it.executeUpdate(sql) }
}

/**
 * A PostgreSQL database, version 11 or newer, for any number of instances. Opening it connects, and waits while another instance
 * makes the tables.
 *
 * @param dataSource Yours: it decides about TLS, the number of connections, and timeouts. A pool spares a connection for each
 * transaction. The connections' `search_path` decides in which schema the tables are.
 * @throws SQLException if the database can't be reached, has no advisory locks, or its tables were made by a newer version of this
 * library.
 */
public class Postgres @Throws(SQLException::class) constructor(private val dataSource: DataSource) :
    Store(BackendDialect.POSTGRES) {
    init {
        migrate {
            // Several instances may start at once: one of them does it.
            query("SELECT pg_advisory_xact_lock(hashtextextended('bananatech schema', 0))")
            // Some databases that speak as PostgreSQL does take the words and lock nothing.
            val held = query("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
            if (held.isEmpty()) throw SQLException("the database has no advisory locks")
        }
    }

    override fun begin(): JdbcTransaction {
        val connection = dataSource.connection
        try {
            val wasAutoCommit = connection.autoCommit
            connection.autoCommit = false
            // What is read after a lock was waited for has to be what is there then. For itself: the driver begins a transaction with it, and in
            // its simple mode, were that refused, what is sent behind it would be kept.
            connection.run("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
            return PostgresTransaction(connection, wasAutoCommit)
        } catch (error: Throwable) {
            discard(connection)
            throw error
        }
    }

    override fun isConflict(error: SQLException): Boolean = error.sqlState in CONFLICTS

    private class PostgresTransaction(connection: Connection, private val wasAutoCommit: Boolean) : JdbcTransaction(connection) {
        /** PostgreSQL's driver sends the statements of one text without waiting for the answer of each. */
        override fun run(statements: List<BackendStatement>): List<List<List<BackendValue>>> =
            query(statements.joinToString(";\n") { it.sql }, statements.flatMap { it.values }, statements.size)

        override fun commit() = end { connection.commit() }

        override fun rollBack() = end { connection.rollback() }

        private fun end(how: () -> Unit) {
            try {
                how()
                connection.autoCommit = wasAutoCommit
            } catch (error: Throwable) {
                discard(connection)
                throw error
            }
            // What was committed is, whatever closing says.
            runCatching { connection.close() }
        }
    }

    private companion object {
        val CONFLICTS = setOf(
            "40001", // serialization_failure
            "40P01", // deadlock_detected
            "23505", // unique_violation: another instance made the same row; the second finds it when it begins again
        )
    }
}

/** Ends a connection whose transaction may still be open, so that no pool gives it to anybody. */
private fun discard(connection: Connection) {
    runCatching { connection.abort { it.run() } }
    runCatching { connection.close() }
}

/**
 * An SQLite database, for the instances of one machine: a file, or in memory. It keeps one connection, and sets it to write-ahead
 * logging, and to commits that are on the disk before they are answered.
 *
 * @param dataSource Such as `org.sqlite.SQLiteDataSource`.
 * @throws SQLException if the file can't be used, or its tables were made by a newer version of this library.
 */
public class Sqlite @Throws(SQLException::class) constructor(private val dataSource: DataSource) :
    Store(BackendDialect.SQLITE), AutoCloseable {
    /** SQLite has one transaction at a time. */
    private val turns = ReentrantLock(true)
    private var kept: Connection? = null
    private var isClosed = false

    init {
        migrate()
    }

    override fun begin(): JdbcTransaction {
        turns.lock()
        try {
            // No error of the database, of which a repetition could be the remedy: another connection may have another database.
            check(!isClosed) { "this store is closed" }
            val connection = kept ?: connect()
            connection.run("BEGIN IMMEDIATE")
            return SqliteTransaction(connection)
        } catch (error: Throwable) {
            turns.unlock()
            throw error
        }
    }

    private fun connect(): Connection {
        val connection = dataSource.connection
        try {
            // Transactions are begun and ended by statements.
            connection.autoCommit = true
            connection.run("PRAGMA busy_timeout = 5")
            writeAhead(connection)
            connection.run("PRAGMA busy_timeout = ${PATIENCE.inWholeMilliseconds}; PRAGMA synchronous = FULL")
        } catch (error: Throwable) {
            discard(connection)
            throw error
        }
        kept = connection
        return connection
    }

    /** Sets write-ahead logging. While another process does, SQLite answers "busy" at once, whatever its timeout is. */
    private fun writeAhead(connection: Connection) {
        val start = TimeSource.Monotonic.markNow()
        while (true) {
            try {
                return connection.run("PRAGMA journal_mode = WAL")
            } catch (error: SQLException) {
                if (!isConflict(error) || start.elapsedNow() > PATIENCE) throw error
                Thread.sleep(5)
            }
        }
    }

    /** Busy or locked. */
    override fun isConflict(error: SQLException): Boolean = error.errorCode and 0xff in 5..6

    /** Closes the connection, once the transaction under way has ended. Whatever uses the store after that throws [IllegalStateException]. */
    override fun close() {
        turns.lock()
        try {
            isClosed = true
            kept?.close()
            kept = null
        } finally {
            turns.unlock()
        }
    }

    private inner class SqliteTransaction(connection: Connection) : JdbcTransaction(connection) {
        override fun commit() = end("COMMIT")

        override fun rollBack() = end("ROLLBACK")

        private fun end(how: String) {
            try {
                connection.run(how)
            } catch (error: Throwable) {
                // The next transaction couldn't begin otherwise.
                runCatching { connection.run("ROLLBACK") }.onFailure {
                    kept = null
                    discard(connection)
                }
                throw error
            } finally {
                turns.unlock()
            }
        }
    }

    private companion object {
        /** How long a statement waits while another process writes. */
        val PATIENCE = 10.seconds
    }
}
