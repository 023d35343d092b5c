/** A card issuer for tests of a BananaTech merchant: {@link space.bananatech.sandbox.Sandbox}, and an extension of JUnit 5 that runs it. */
package space.bananatech.sandbox;
