package space.bananatech

/** Which rule was broken: see [ErrorCode]. */
public val BananaTechException.code: ErrorCode
    get() = when (this) {
        is BananaTechException.InvalidInput -> code
        is BananaTechException.Rejected -> code
        is BananaTechException.NotAuthentic -> code
        is BananaTechException.Unexpected -> code
        is BananaTechException.NoRandomness -> code
    }

/** The field that it is about, as a path from the outermost object; null if it is about the whole. */
public val BananaTechException.field: String?
    get() = when (this) {
        is BananaTechException.InvalidInput -> field
        is BananaTechException.Unexpected -> field
        is BananaTechException.Rejected, is BananaTechException.NotAuthentic, is BananaTechException.NoRandomness -> null
    }
