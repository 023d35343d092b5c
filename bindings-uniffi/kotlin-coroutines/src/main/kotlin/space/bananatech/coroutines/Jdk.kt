@file:JvmName("Jdk")

package space.bananatech.coroutines

import java.net.http.HttpClient
import java.time.Duration
import kotlinx.coroutines.future.await
import space.bananatech.Call
import space.bananatech.jdk.executeAsync

/**
 * Sends [call] once, and suspends until its answer is there. If the coroutine is cancelled, the connection is closed (by Java 16 or
 * newer). Unless [Call.wasSent] is false then, it isn't known whether the request was carried out: the tracker will tell.
 *
 * @param timeout from the start until the last byte of the answer.
 * @return what the answer says, as [Call.read] reads it.
 * @throws space.bananatech.NotSentException if nothing of the request left, after which [Call.wasSent] is false.
 * @throws java.io.IOException if the answer didn't come, not in time, or with more than 16 MiB.
 * @throws space.bananatech.BananaTechException if the API refused, or the answer can't be trusted or understood.
 * @throws IllegalArgumentException if this client follows redirects (nothing was sent), or [timeout] isn't positive.
 * @throws IllegalStateException if [call] was sent before, by whichever client. It isn't sent again.
 */
public suspend fun <R> HttpClient.await(call: Call<R>, timeout: Duration = Duration.ofSeconds(30)): R =
    executeAsync(call, timeout).await()
