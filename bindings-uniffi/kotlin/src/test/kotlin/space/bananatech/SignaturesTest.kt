package space.bananatech

import java.io.File
import java.lang.reflect.Constructor
import java.lang.reflect.Field
import java.lang.reflect.Member
import java.lang.reflect.Method
import java.lang.reflect.Modifier
import java.lang.reflect.Type
import kotlin.reflect.KVisibility
import kotlin.reflect.jvm.javaConstructor
import kotlin.reflect.jvm.kotlinFunction
import kotlin.reflect.jvm.kotlinProperty
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** What is public can be called from Java. */
class SignaturesTest {
    private val folder = File(Merchant::class.java.protectionDomain.codeSource.location.toURI())

    private val classes = folder.walk().filter { it.extension == "class" }
        .map { it.relativeTo(folder).path.removeSuffix(".class").replace('/', '.') }
        .map { Class.forName(it, false, javaClass.classLoader) }
        .filter { Modifier.isPublic(it.modifiers) && !it.isSynthetic && !it.isAnonymousClass }
        .filterNot { type -> generateSequence(type) { it.declaringClass }.any(::isInternal) }
        .toList()

    private fun isSeen(member: Member) = Modifier.isPublic(member.modifiers) && !member.isSynthetic && !isInternal(member)

    /** What is internal in Kotlin is public in the class file. */
    private fun isInternal(type: Class<*>): Boolean {
        // Classes of functions have none.
        val isOfFunctions = type.getAnnotation(Metadata::class.java)?.kind != 1
        return !isOfFunctions && type.kotlin.visibility == KVisibility.INTERNAL
    }

    private fun isInternal(member: Member) = when (member) {
        is Constructor<*> -> member.declaringClass.kotlin.constructors
            .any { it.javaConstructor == member && it.visibility == KVisibility.INTERNAL }
        is Field -> member.kotlinProperty?.visibility == KVisibility.INTERNAL || isInternal(member.type)
        is Method -> member.name.endsWith("\$bananatech") || member.kotlinFunction?.visibility == KVisibility.INTERNAL
        else -> false
    }

    @Test
    fun nothingOfTheGeneratorsIsSeen() {
        val generators = Regex("(?i).*(Ffi|Uniffi|RustBuffer|NoHandle|InternalException|Disposable|IntegrityChecking|ForeignBytes).*")
        val members = classes.flatMap { type ->
            val all: List<Member> = listOf(*type.declaredMethods, *type.declaredFields)
            all.filter(::isSeen).map { "${type.name}.${it.name}" } +
                type.declaredConstructors.filter(::isSeen).map { it.toGenericString() }
        }
        assertEquals(emptyList<String>(), (classes.map { it.name } + members).filter(generators::matches))
    }

    /** Kotlin's own for functions that take or answer what Java doesn't know, and of what is internal. */
    @Test
    fun noFunctionHasANameThatJavaCannotSay() {
        assertTrue(classes.size > 200, "${classes.size}")
        val mangled = classes.flatMap { type ->
            type.declaredMethods.filter(::isSeen).filter { '-' in it.name }.map { "${type.name}.${it.name}" }
        }
        assertEquals(emptyList<String>(), mangled)
    }

    /** A constructor that takes such a value is hidden from Java, so there is none left that is public. */
    @Test
    fun allThatCanBeMadeCanBeMadeInJava() {
        val hidden = classes.filterNot { Modifier.isAbstract(it.modifiers) }.filter { type ->
            val constructors = type.declaredConstructors
            constructors.any { Modifier.isPublic(it.modifiers) && it.isSynthetic && it.parameterCount > 1 } &&
                constructors.none { isSeen(it) && it.parameterCount > 0 }
        }
        assertEquals(emptyList<String>(), hidden.map { it.name })
    }

    /** `api.txt` has all that is public, so who changes it sees what callers will see. */
    @Test
    fun allThatIsPublicIsListed() {
        val listing = File("api.txt")
        val now = classes.sortedBy { it.name }.joinToString("") { type ->
            val members = type.declaredConstructors.filter(::isSeen).map { "(${shown(it.genericParameterTypes)})" } +
                type.declaredFields.filter { isSeen(it) && it.name != "Companion" }.map { "${it.name}: ${shown(it.genericType)}" } +
                type.declaredMethods.filter { isSeen(it) && !unlisted.matches(it.name) }
                    .map { "${it.name}(${shown(it.genericParameterTypes)}): ${shown(it.genericReturnType)}" }
            val above = listOfNotNull(type.superclass?.takeIf { it != Any::class.java }, *type.interfaces).filterNot(::isInternal).map(::shown)
            if (members.isEmpty() && Regex("Companion|.*Kt").matches(type.simpleName)) return@joinToString ""
            "${shown(type)}${above.joinToString("") { " < $it" }}\n" + members.sorted().joinToString("") { "    $it\n" }
        }
        if (System.getenv("BANANATECH_WRITE_API") == "1") listing.writeText(now)
        assertEquals(listing.readText(), now, "if it shall be so, BANANATECH_WRITE_API=1 cargo xtask test --only kotlin writes api.txt")
    }

    /** What Kotlin makes for each data class and enum, and what only the library of the tests has. */
    private val unlisted = Regex("component\\d+|copy|equals|hashCode|toString|values|valueOf|getEntries|testing.*")

    private fun shown(types: Array<Type>) = types.joinToString(", ", transform = ::shown)

    private fun shown(type: Type) = type.typeName.replace(Regex("\\b(space\\.bananatech|java\\.lang|java\\.util|kotlin|java\\.math|java\\.time)\\."), "")

    @Test
    fun nothingIsUnsigned() {
        val unsigned = Regex("kotlin\\.U(Byte|Short|Int|Long)\\b")
        val found = classes.flatMap { type ->
            val members = type.declaredMethods.filter(::isSeen).map { it.toGenericString() } +
                type.declaredFields.filter { isSeen(it) }.map { it.toGenericString() } +
                type.declaredConstructors.filter { isSeen(it) }.map { it.toGenericString() }
            members.filter { unsigned.containsMatchIn(it) }
        }
        assertEquals(emptyList<String>(), found)
    }
}
