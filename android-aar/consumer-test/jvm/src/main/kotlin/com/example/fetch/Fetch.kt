package com.example.fetch

import dev.backhaul.Request
import dev.backhaul.Session
import dev.backhaul.SessionConfiguration
import dev.backhaul.SessionDelegate
import kotlinx.coroutines.runBlocking
import java.nio.file.Path

private class App : SessionDelegate

/**
 * An app of somebody else, as small as it can be: `URL CONTAINER` downloads one file in a background session, and
 * prints where it is.
 */
fun main(arguments: Array<String>): Unit =
    runBlocking {
        val (url, container) = arguments
        val configuration = SessionConfiguration.background("com.example.fetch")
        configuration.container = Path.of(container)
        configuration.plainHttpHosts = setOf("127.0.0.1")
        configuration.isDiscretionary = false
        Session(configuration, App()).use { session ->
            val file = session.download(Request(url))
            session.finishTasksAndInvalidate()
            println(file.location)
        }
    }
