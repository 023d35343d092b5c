package space.bananatech.backend

import java.net.URI
import space.bananatech.KeyCodec
import space.bananatech.Merchant
import space.bananatech.MerchantKey
import space.bananatech.MerchantOptions
import space.bananatech.Redacted

/** Makes merchants for Java, from which Kotlin hides the constructors of [MerchantOptions]: they take unsigned numbers. */
public object Merchants {
    /**
     * Takes what a merchant got when it was set up: what [MerchantOptions] says of it.
     *
     * @throws space.bananatech.BananaTechException Caused by the caller: what [Merchant] throws.
     */
    @JvmStatic
    @JvmOverloads
    public fun of(
        merchantId: String,
        baseUrl: URI,
        secretKey: Redacted,
        sealedAnswersOnly: Boolean = false,
        codec: KeyCodec? = null,
        keyId: String = "default",
        olderKeys: List<MerchantKey> = emptyList(),
    ): Merchant = Merchant(
        MerchantOptions(merchantId, baseUrl, secretKey, codec, keyId, olderKeys, sealedAnswersOnly = sealedAnswersOnly),
    )
}
