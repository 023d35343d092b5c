import org.jetbrains.kotlin.gradle.dsl.JvmTarget
import org.jetbrains.kotlin.gradle.tasks.KotlinCompile

plugins {
    // From 8.5.1, libraries lie in an APK so that they can be mapped with pages of 16 KB.
    id("com.android.library") version "8.11.1"
    id("org.jetbrains.kotlin.android") version "2.2.20"
    `maven-publish`
}

group = "space.bananatech"
version = "0.1.0"

// `cargo xtask android` puts both beside this file, and the libraries into src/main/jniLibs.
val handWritten = providers.gradleProperty("bananatech.sources").getOrElse("$projectDir/sources")
val generated = providers.gradleProperty("bananatech.generated").getOrElse("$projectDir/generated")

android {
    namespace = "space.bananatech"
    compileSdk = 35

    defaultConfig {
        // Times are java.time.Instant, which is part of Android from 8.0 on; before, each app would have to be desugared.
        // The libraries are linked for this level as well: xtask/src/android.rs.
        minSdk = 26
        consumerProguardFiles("consumer-rules.pro")
    }

    sourceSets.getByName("main") {
        kotlin.srcDirs(handWritten, generated)
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_11
        targetCompatibility = JavaVersion.VERSION_11
    }

    // They are stripped already, and Gradle would ask for an NDK to do it again.
    packaging.jniLibs.keepDebugSymbols += "**/libbananatech_uniffi.so"

    publishing {
        singleVariant("release") {
            withSourcesJar()
        }
    }
}

kotlin {
    compilerOptions.jvmTarget.set(JvmTarget.JVM_11)
}

// Android has no java.net.http.
tasks.withType<KotlinCompile>().configureEach {
    exclude("space/bananatech/jdk/**")
}

dependencies {
    // Its own archive for Android, with JNA's native part for each ABI.
    api("net.java.dev.jna:jna:5.18.1@aar")
    compileOnly("com.squareup.okhttp3:okhttp:4.12.0")
}

publishing {
    publications {
        register<MavenPublication>("release") {
            artifactId = "bananatech-android"
            afterEvaluate { from(components["release"]) }
            pom {
                name.set("BananaTech for Android")
                description.set("Card issuing with BananaTech: plans, checks and typed values for an app.")
                licenses {
                    license { name.set("MIT") }
                    license { name.set("Apache-2.0") }
                }
            }
        }
    }
}
