package space.bananatech.backend

import java.io.IOException
import java.net.http.HttpClient
import java.time.Duration
import space.bananatech.HttpAnswer
import space.bananatech.NotSentException
import space.bananatech.SealedRequest
import space.bananatech.jdk.exchange

/** How long to wait for an answer. */
internal val TIMEOUT: Duration = Duration.ofSeconds(30)

/** Sends requests: by Java's own HTTP client ([jdk]), by OkHttp ([OkHttpSender]), or by your own code. */
public fun interface Sender {
    /**
     * Sends a request once, follows no redirect, and gives up after a bounded time. Threads share it.
     *
     * @throws NotSentException if nothing of the request can have left. The operation then failed.
     * @throws IOException if no answer came. Whatever else is thrown counts as that, too: it isn't known then whether the operation was
     * carried out.
     */
    @Throws(IOException::class, InterruptedException::class)
    public fun send(request: SealedRequest): HttpAnswer

    public companion object {
        /**
         * Sends with Java's own client.
         *
         * @param client Yours: it must not follow redirects.
         * @param timeout Until the last byte of the answer.
         * @throws IllegalArgumentException If the client follows redirects, or the time isn't positive.
         */
        @JvmStatic
        @JvmOverloads
        public fun jdk(client: HttpClient = HttpClient.newHttpClient(), timeout: Duration = TIMEOUT): Sender {
            // Now: thrown for each request, it would look as if no answer had come.
            require(client.followRedirects() == HttpClient.Redirect.NEVER) { "expected a client that doesn't follow redirects" }
            require(timeout > Duration.ZERO) { "expected a time that is positive" }
            return Sender { client.exchange(it, timeout) }
        }
    }
}
