package androidx.test.internal.runner.lifecycle;

import android.app.Activity;
import androidx.test.runner.lifecycle.ActivityLifecycleCallback;
import androidx.test.runner.lifecycle.ActivityLifecycleMonitor;
import androidx.test.runner.lifecycle.Stage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.stream.Collectors;

/** Knows the stage of each activity, as Robolectric's controllers tell it. Any thread. */
public final class ActivityLifecycleMonitorImpl implements ActivityLifecycleMonitor {
    private final List<ActivityLifecycleCallback> callbacks = new ArrayList<>();
    private final Map<Activity, Stage> stages = new WeakHashMap<>();

    @Override
    public synchronized void addLifecycleCallback(ActivityLifecycleCallback callback) {
        callbacks.add(callback);
    }

    @Override
    public synchronized void removeLifecycleCallback(ActivityLifecycleCallback callback) {
        callbacks.remove(callback);
    }

    @Override
    public synchronized Stage getLifecycleStageOf(Activity activity) {
        return stages.get(activity);
    }

    @Override
    public synchronized Collection<Activity> getActivitiesInStage(Stage stage) {
        return stages.entrySet().stream()
                .filter(entry -> entry.getValue() == stage)
                .map(Map.Entry::getKey)
                .collect(Collectors.toList());
    }

    public void signalLifecycleChange(Stage stage, Activity activity) {
        List<ActivityLifecycleCallback> told;
        synchronized (this) {
            stages.put(activity, stage);
            told = List.copyOf(callbacks);
        }
        told.forEach(callback -> callback.onActivityLifecycleChanged(activity, stage));
    }
}
