package dev.backhaul.wear

import android.Manifest
import android.app.Activity
import android.content.pm.PackageManager
import android.os.Build
import android.os.Bundle
import android.widget.AdapterView
import android.widget.ListView
import dev.backhaul.wear.model.mainThread
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch

/** The first screen: what came, what is under way, and why it waits. It shows [PostcardsApp.model], and knows nothing. */
public class PostcardsActivity : Activity() {
    private val app get() = application as PostcardsApp
    private val scope = CoroutineScope(SupervisorJob() + mainThread)
    private val rows by lazy { RowAdapter(this, Pictures(this, scope)) }

    /** What ends when the screen is left. */
    private var onScreen: CoroutineScope? = null

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContentView(R.layout.list)
        val list = requireViewById<ListView>(R.id.list)
        list.padForScreen()
        list.adapter = rows
        list.onItemClickListener =
            AdapterView.OnItemClickListener { _, _, position, _ -> chosen(rows.getItem(position)) }
        // The crown scrolls what has the focus.
        list.requestFocus()
        app.problem?.let { rows.show(listOf(Row.Problem(it))) }
    }

    override fun onStart() {
        super.onStart()
        val model = app.model ?: return
        val shown = CoroutineScope(SupervisorJob() + mainThread)
        onScreen = shown
        shown.launch { model.follow() }
        shown.launch { model.state.collect { rows.show(it.rows()) } }
    }

    override fun onStop() {
        onScreen?.cancel()
        onScreen = null
        super.onStop()
    }

    override fun onDestroy() {
        scope.cancel()
        super.onDestroy()
    }

    private fun chosen(row: Row) {
        when (row) {
            Row.Refresh -> refresh()
            is Row.Task -> startActivity(TaskDetailActivity.intent(this, row.task.id))
            else -> Unit
        }
    }

    private fun refresh() {
        val model = app.model ?: return
        askForNotifications()
        scope.launch { model.refresh() }
    }

    /** For the notification that tells of what the user asked for. Without the permission there is none, and no harm. */
    private fun askForNotifications() {
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.TIRAMISU) return
        val permission = Manifest.permission.POST_NOTIFICATIONS
        if (checkSelfPermission(permission) == PackageManager.PERMISSION_GRANTED) return
        // The system shows it twice at most, in the life of an installation.
        requestPermissions(arrayOf(permission), 0)
    }
}
