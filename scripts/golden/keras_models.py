"""Writes test/golden/keras/: two small Sequential models saved by Keras 3 (.keras and legacy .h5), with inputs and outputs.
pip install keras torch h5py; KERAS_BACKEND=torch python3 scripts/golden/keras_models.py"""
import json
import os
import pathlib

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np

folder = pathlib.Path(__file__).resolve().parent.parent.parent / "test/golden/keras"
folder.mkdir(parents=True, exist_ok=True)
keras.utils.set_random_seed(1)
L = keras.layers
models = {
    "convolutional": (
        keras.Sequential([
            L.Input((6, 5, 2)), L.Conv2D(3, 3, padding="same", activation="relu", name="first"), L.BatchNormalization(),
            L.MaxPooling2D(2), L.Flatten(), L.Dense(4, activation="tanh"), L.Dropout(0.5), L.Dense(3, use_bias=False, activation="softmax", name="last"),
        ]),
        np.random.default_rng(1).standard_normal((2, 6, 5, 2)).astype("float32"),
    ),
    "words": (
        keras.Sequential([L.Input((4,), dtype="int32"), L.Embedding(7, 3), L.Conv1D(5, 2), L.LayerNormalization(), L.GlobalAveragePooling1D(), L.Dense(2)]),
        np.random.default_rng(2).integers(0, 7, (2, 4)).astype("int32"),
    ),
}
out = {}
for name, (model, x) in models.items():
    for layer in model.layers:  # biases and statistics that are not zeros and ones
        layer.set_weights([w + 0.1 * np.random.default_rng(i).random(w.shape).astype("float32") for i, w in enumerate(layer.get_weights())])
    model.save(folder / f"{name}.keras")
    model.save(folder / f"{name}.h5")
    y = model.predict(x, verbose=0)
    out[name] = {"x": x.ravel().tolist(), "shape": list(x.shape), "y": [float(f"{v:.9g}") for v in y.ravel()], "yShape": list(y.shape)}
(folder / "outputs.json").write_text(json.dumps(out) + "\n")
