package com.example.fetch;

import dev.backhaul.BackgroundConfiguration;
import dev.backhaul.DownloadedFile;
import dev.backhaul.Request;
import dev.backhaul.Session;
import dev.backhaul.SessionConfiguration;
import dev.backhaul.SessionDelegate;
import dev.backhaul.TaskInfo;
import dev.backhaul.TransferException;
import java.nio.file.Paths;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The same from Java: the delegate tells the end. */
public final class FetchFromJava {
    private static final long LIMIT_S = 60;

    private static final class App implements SessionDelegate {
        final CompletableFuture<DownloadedFile> file = new CompletableFuture<>();

        @Override
        public void didFinishDownloadingTo(TaskInfo task, DownloadedFile arrived) {
            file.complete(arrived);
        }

        @Override
        public void didComplete(TaskInfo task, TransferException error) {
            if (error != null) {
                file.completeExceptionally(error);
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        BackgroundConfiguration configuration = SessionConfiguration.background("com.example.fetch");
        configuration.setContainer(Paths.get(arguments[1]));
        configuration.setPlainHttpHosts(Collections.singleton("127.0.0.1"));
        configuration.setDiscretionary(false);
        App app = new App();
        try (Session session = new Session(configuration, app)) {
            session.enqueue(Request.builder(arguments[0]).build());
            System.out.println(app.file.get(LIMIT_S, TimeUnit.SECONDS).getLocation());
        }
    }
}
