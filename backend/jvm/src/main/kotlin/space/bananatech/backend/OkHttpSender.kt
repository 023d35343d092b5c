package space.bananatech.backend

import java.time.Duration
import okhttp3.OkHttpClient
import space.bananatech.HttpAnswer
import space.bananatech.SealedRequest
import space.bananatech.okhttp.exchange

/**
 * Sends with OkHttp, 4.12 or newer: a dependency that the application brings. Whatever the client is set to, it neither follows
 * redirects nor tries again.
 *
 * It is a class of its own, so that no other needs OkHttp when frameworks look at what it has.
 *
 * @param client Yours. If it has a `callTimeout`, that counts.
 * @param timeout Until the last byte of the answer, if the client has no `callTimeout`.
 */
public class OkHttpSender @JvmOverloads constructor(
    private val client: OkHttpClient,
    private val timeout: Duration = TIMEOUT,
) : Sender {
    override fun send(request: SealedRequest): HttpAnswer = client.exchange(request, timeout)
}
