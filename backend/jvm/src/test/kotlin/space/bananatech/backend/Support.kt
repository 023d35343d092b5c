package space.bananatech.backend

import com.sun.net.httpserver.HttpServer
import com.zaxxer.hikari.HikariConfig
import com.zaxxer.hikari.HikariDataSource
import java.io.File
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.net.URI
import java.nio.file.Files
import java.sql.Connection
import java.sql.SQLException
import java.util.concurrent.Executors
import java.util.concurrent.atomic.AtomicInteger
import javax.sql.DataSource
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.postgresql.ds.PGSimpleDataSource
import org.sqlite.SQLiteDataSource
import space.bananatech.Merchant
import space.bananatech.MerchantOptions
import space.bananatech.Redacted

/** Runs something that ends when its standard input does, and with this process. */
private fun start(vararg command: String): Process =
    ProcessBuilder(*command).redirectError(ProcessBuilder.Redirect.DISCARD).directory(File("/")).start()

/** The real sandbox, which sends its webhooks to whichever backend is tried now. */
public object Sandbox {
    public const val KEY: String = "sandbox-secret-key-0123456789abc"

    /** Takes a webhook's body; the status to answer. */
    @JvmField
    @Volatile
    public var take: (ByteArray) -> Int = { 503 }

    private val receiver = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0).apply {
        createContext("/") { exchange ->
            val status = runCatching { take(exchange.requestBody.readAllBytes()) }.getOrDefault(500)
            exchange.sendResponseHeaders(status, -1)
            exchange.close()
        }
        executor = Executors.newCachedThreadPool { Thread(it).apply { isDaemon = true } }
        start()
    }

    /** Where it listens, started at its first use. */
    @JvmStatic
    public val url: String by lazy {
        val webhooks = "http://127.0.0.1:${receiver.address.port}/"
        val program = System.getProperty("bananatech.sandbox")
        val process = start(program, "--exit-with-stdin", "--port", "0", "--webhook-url", webhooks)
        process.inputStream.bufferedReader().readLine().removePrefix("bananatech-sandbox listening on ").trim()
    }

    @JvmStatic
    public fun merchant(): Merchant = Merchant(
        MerchantOptions(
            merchantId = "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10",
            baseUrl = URI(url),
            secretKey = Redacted(KEY),
            sealedAnswersOnly = true,
        ),
    )

    /** Cards in the post that nobody has yet. */
    private val numbers = ArrayDeque(listOf("1234567890123456", "4000001200000016", "4000001200000024", "5200001200000011"))

    @JvmStatic
    public fun cardInThePost(): String = synchronized(numbers) { numbers.removeFirst() }
}

/** A PostgreSQL of the tests' own, in a folder of its own, under an ordinary user, for as long as they run. */
private object PostgresServer {
    private const val SCRIPT = """
"${'$'}0/initdb" --pgdata="${'$'}1" --username=tests --auth=trust --no-sync --encoding=UTF8 --locale=C >/dev/null
"${'$'}0/postgres" -D "${'$'}1" -h 127.0.0.1 -p "${'$'}2" -k "${'$'}1" -c fsync=off >/dev/null 2>&1 </dev/null &
server=${'$'}!
cat >/dev/null
kill -INT ${'$'}server
wait ${'$'}server || true
rm -rf "${'$'}1""""

    /** Where its programs are, if it is installed. */
    private val programs: String? = File("/usr/lib/postgresql").list()?.maxByOrNull { it.toIntOrNull() ?: 0 }
        ?.let { "/usr/lib/postgresql/$it/bin" }

    private val port: Int by lazy {
        val port = ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { it.localPort }
        val folder = "${System.getProperty("java.io.tmpdir")}/bananatech-postgres-jvm-${ProcessHandle.current().pid()}"
        // The server doesn't run as root.
        val user = if (System.getProperty("user.name") == "root") arrayOf("runuser", "-u", "postgres", "--") else arrayOf("env")
        start(*user, "sh", "-c", SCRIPT, programs!!, folder, "$port")
        port
    }

    private val databases = AtomicInteger()

    fun source(database: String): DataSource = PGSimpleDataSource().apply {
        serverNames = arrayOf("127.0.0.1")
        portNumbers = intArrayOf(port)
        user = "tests"
        databaseName = database
    }

    fun newDatabase(): DataSource {
        if (programs == null) {
            check(System.getenv("CI") != "true") { "PostgreSQL isn't installed" }
            assumeTrue(false, "PostgreSQL isn't installed")
        }
        val name = "tests_${databases.incrementAndGet()}"
        administrator().use { connection -> connection.createStatement().use { it.execute("CREATE DATABASE $name") } }
        return source(name)
    }

    private fun administrator(): Connection {
        while (true) {
            try {
                return source("postgres").connection
            } catch (error: SQLException) {
                // It is starting.
                if (error.sqlState !in setOf("08001", "57P03")) throw error
                Thread.sleep(50)
            }
        }
    }
}

/** A kind of database. */
enum class Kind {
    SQLITE {
        override fun database(): DataSource = SQLiteDataSource().apply {
            val folder = Files.createTempDirectory("bananatech-backend-").toFile()
            Runtime.getRuntime().addShutdownHook(Thread { folder.deleteRecursively() })
            url = "jdbc:sqlite:$folder/backend.db"
        }

        override fun open(database: DataSource) = Sqlite(database)
    },
    POSTGRESQL {
        override fun database(): DataSource = PostgresServer.newDatabase()

        override fun open(database: DataSource): Store {
            val config = config(database)
            val store = Postgres(HikariDataSource(config)) // or any other DataSource of org.postgresql; a pool spares a connection for each transaction
            return store
        }
    };

    /** A new database. */
    abstract fun database(): DataSource

    /** Opens it, as each instance does. */
    abstract fun open(database: DataSource): Store
}

/** A pool, as programs have it. */
fun pool(database: DataSource): HikariDataSource = HikariDataSource(config(database))

private fun config(database: DataSource) = HikariConfig().apply {
    dataSource = database
    maximumPoolSize = 6
}
