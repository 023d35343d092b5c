package space.bananatech

import java.io.ObjectInputStream
import java.io.ObjectOutputStream
import java.nio.ByteBuffer

/**
 * What a function of this library ends in, other than well. There are these categories and won't be others; which rule was
 * broken is said by [code], and codes may be added. No value that came in is shown by it, nor written where it is serialised: of a
 * [Rejection], which may repeat what was sent, the words and the body are empty then.
 *
 * It is unchecked, so that Java may catch it, or not, around whatever is called.
 *
 * @property code Which rule was broken.
 * @property field The field that it is about, as a path from the outermost object, in the API's names: `amount`,
 * `kyc_data.gender`. Null if it is about the whole.
 * @property summary In words: the exception's message.
 */
public sealed class BananaTechException(public val code: ErrorCode, public val field: String?, public val summary: String) :
    RuntimeException(summary) {
    /** The caller gave something that isn't allowed. Nothing was sent: correct the field that it names. */
    public class InvalidInput(code: ErrorCode, field: String?, summary: String) : BananaTechException(code, field, summary)

    /**
     * BananaTech refused, and nothing was done: the operation failed ([Tracker.reject]). Correct the request, and send it as a new
     * operation. That nothing was done is inferred from the status: the vendor documents HTTP 400 alone.
     *
     * @property rejection What it answered.
     */
    public class Rejected(code: ErrorCode, rejection: Rejection, summary: String) : BananaTechException(code, null, summary) {
        @Transient
        public var rejection: Rejection = rejection
            private set

        private fun writeObject(out: ObjectOutputStream) = out.write(rejection)

        private fun readObject(from: ObjectInputStream) {
            rejection = from.readRejection()
        }
    }

    /**
     * A message could not be opened: forged, damaged, sealed with another key, or the request itself sent back. All failures look
     * the same on purpose; [Merchant.diagnose] tells operators more.
     */
    public class NotAuthentic(code: ErrorCode, summary: String) : BananaTechException(code, null, summary)

    /** A message, authentic or plain, that isn't what the contract says. */
    public class Unexpected(code: ErrorCode, field: String?, summary: String) : BananaTechException(code, field, summary)

    /**
     * The answer doesn't say that the operation was carried out, and doesn't refuse it either, as after HTTP 500. Ask, and don't send it
     * again.
     *
     * @property answer What was answered. It is no refusal.
     */
    public class NotKnown(code: ErrorCode, answer: Rejection, summary: String) : BananaTechException(code, null, summary) {
        @Transient
        public var answer: Rejection = answer
            private set

        private fun writeObject(out: ObjectOutputStream) = out.write(answer)

        private fun readObject(from: ObjectInputStream) {
            answer = from.readRejection()
        }
    }

    /** The platform has no random bytes, so nothing could be sealed. */
    public class NoRandomness(summary: String) : BananaTechException(ErrorCode.NO_RANDOMNESS, null, summary)

    internal companion object ErrorHandler : UniffiRustCallStatusErrorHandler<BananaTechException> {
        override fun lift(error_buf: RustBuffer.ByValue): BananaTechException =
            FfiConverterTypeBananaTechError.lift(error_buf).apply { stackTrace = fromFunction(stackTrace) }
    }
}

/** Writes what isn't the vendor's text. */
private fun ObjectOutputStream.write(rejection: Rejection) {
    writeInt(rejection.status)
    writeUTF(rejection.meaning.name)
    writeBoolean(rejection.authenticated)
}

private fun ObjectInputStream.readRejection() = Rejection(
    status = readInt(),
    meaning = RejectionMeaning.valueOf(readUTF()),
    words = null,
    body = Redacted(""),
    authenticated = readBoolean(),
)

/** Reads what the library's error is, its variants and their fields in the order that they have there. */
internal object FfiConverterTypeBananaTechError : FfiConverterRustBuffer<BananaTechException> {
    override fun read(buf: ByteBuffer): BananaTechException {
        val text = { FfiConverterString.read(buf) }
        val code = { FfiConverterTypeErrorCode.read(buf) }
        val field = { FfiConverterOptionalString.read(buf) }
        val rejection = { FfiConverterTypeRejection.read(buf) }
        return when (val variant = buf.getInt()) {
            1 -> BananaTechException.InvalidInput(code(), field(), text())
            2 -> BananaTechException.Rejected(code(), rejection(), text())
            3 -> BananaTechException.NotAuthentic(code(), text())
            4 -> BananaTechException.Unexpected(code(), field(), text())
            5 -> BananaTechException.NotKnown(code(), rejection(), text())
            6 -> BananaTechException.NoRandomness(text())
            else -> error("no error has the number $variant")
        }
    }

    // An error only ever comes out of the library.
    override fun allocationSize(value: BananaTechException): ULong = error("errors don't go in")

    override fun write(value: BananaTechException, buf: ByteBuffer): Unit = error("errors don't go in")
}

/** A trace that begins with the function that was called, without what carried the error here. */
private fun fromFunction(trace: Array<StackTraceElement>): Array<StackTraceElement> = trace.dropWhile {
    val type = it.className.removePrefix("space.bananatech.")
    type.startsWith("Ffi") || type.startsWith("Uniffi") || type.endsWith("\$ErrorHandler") || "uniffi" in it.methodName
}.toTypedArray()

/** What is thrown for a text with half of a character, which isn't Unicode. */
internal fun loneSurrogate() =
    BananaTechException.InvalidInput(ErrorCode.FIELD_TYPE, null, "expected text without lone surrogates [field.type]")
