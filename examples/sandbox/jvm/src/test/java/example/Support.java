package example;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

final class Support {
  private Support() {}

  /** What a sandbox answers at its health address. */
  static String health(URI sandbox) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(sandbox + "/_sandbox/health")).build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
  }

  /** Waits until nobody listens there any more; whether that came to be. */
  static boolean isGone(URI sandbox) throws InterruptedException {
    for (int tries = 0; tries < 200; tries++) {
      try {
        health(sandbox);
      } catch (IOException refused) {
        return true;
      }
      Thread.sleep(50);
    }
    return false;
  }
}
