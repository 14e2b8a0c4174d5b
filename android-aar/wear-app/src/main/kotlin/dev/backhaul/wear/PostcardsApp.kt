package dev.backhaul.wear

import android.app.Application
import dev.backhaul.NativeLibraryException
import dev.backhaul.TransferException
import dev.backhaul.android.Backhaul
import dev.backhaul.wear.model.AppEnvironment
import dev.backhaul.wear.model.Downloads
import dev.backhaul.wear.model.PostcardsModel
import dev.backhaul.wear.model.UserTransfers
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch

/** The app's process, whoever started it: the user, or the system for a job. */
public open class PostcardsApp : Application() {
    /** What the screens show; none when the launch failed. */
    internal var model: PostcardsModel? = null
        private set

    /** Why the launch failed. */
    internal var problem: String? = null
        private set

    override fun onCreate() {
        super.onCreate()
        try {
            launch(Downloads(environment(), UserTransfers(this)))
        } catch (failed: TransferException) {
            problem = failed.message
        } catch (missing: NativeLibraryException) {
            problem = missing.message
        }
    }

    private fun launch(downloads: Downloads) {
        val sessions =
            Backhaul.initialize(this) { identifier ->
                downloads.launch().takeIf { identifier == Downloads.SESSION }
            }
        val session = sessions.open(downloads.launch())
        downloads.opened(session)
        val model = PostcardsModel(downloads, session)
        this.model = model
        CoroutineScope(Dispatchers.IO).launch { model.lookAhead() }
    }

    /** Where the app lives. */
    internal open fun environment(): AppEnvironment =
        AppEnvironment(
            server = getString(R.string.server),
            content = noBackupFilesDir.toPath().resolve("postcards"),
            configure = { it.plainHttpHosts = resources.getStringArray(R.array.plain_http_hosts).toSet() },
        )
}
