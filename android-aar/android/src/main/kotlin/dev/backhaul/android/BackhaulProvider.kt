package dev.backhaul.android

import android.content.ContentProvider
import android.content.ContentValues
import android.database.Cursor
import android.net.Uri
import android.util.Log

/**
 * Starts the library before the app's own code runs, where the manifest names a
 * [SessionMaker][dev.backhaul.SessionMaker] (see [Backhaul.initialize]). It provides nothing.
 */
public class BackhaulProvider : ContentProvider() {
    /** A start that fails is said by [Backhaul.sessions], and keeps no app from starting. */
    override fun onCreate(): Boolean {
        val context = context ?: return false
        if (namedSessionMaker(context) == null) return false
        return runCatching { Backhaul.initialize(context) }
            .onFailure { Log.e(LogcatSink.TAG, "the sessions that the manifest names could not be made", it) }
            .isSuccess
    }

    override fun query(
        uri: Uri,
        projection: Array<out String>?,
        selection: String?,
        selectionArgs: Array<out String>?,
        sortOrder: String?,
    ): Cursor? = null

    override fun getType(uri: Uri): String? = null

    override fun insert(
        uri: Uri,
        values: ContentValues?,
    ): Uri? = null

    override fun delete(
        uri: Uri,
        selection: String?,
        selectionArgs: Array<out String>?,
    ): Int = 0

    override fun update(
        uri: Uri,
        values: ContentValues?,
        selection: String?,
        selectionArgs: Array<out String>?,
    ): Int = 0
}
