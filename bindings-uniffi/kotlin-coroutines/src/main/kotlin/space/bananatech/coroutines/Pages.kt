@file:JvmName("PageFlows")

package space.bananatech.coroutines

import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import space.bananatech.Call
import space.bananatech.PageWalk
import space.bananatech.Pages

/**
 * All records of a list: `merchant.walk(GetTransactions(…)).asFlow { client.await(it) }`. Each page is asked for when the records before it are
 * used up, and each collection begins anew.
 *
 * @param ended is called after the last record, with how the list ended: whether it is complete and was stable.
 * @param send sends a page's call, and returns what [Call.read] does. What it throws, the flow throws.
 */
public fun <P, T> PageWalk<P, T>.asFlow(ended: (Pages) -> Unit = {}, send: suspend (Call<P>) -> P): Flow<T> = flow {
    val walk = again()
    while (true) {
        val call = walk.next() ?: break
        for (record in walk.accept(send(call))) emit(record)
    }
    ended(walk.pages)
}
