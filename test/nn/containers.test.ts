import assert from 'node:assert/strict';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import '../support/setup.js';
import {
  Identity,
  Layer,
  LayerDict,
  LayerList,
  Linear,
  ParameterList,
  ReLU,
  Sequential,
  Sigmoid,
  Tanh,
  type AnyLayer,
  type Parameter,
} from '../../src/nn/index.js';
import { assertTensor } from './support.js';

/** Keys and classes of the direct sublayers. */
const members = (layer: AnyLayer) =>
  Array.from(layer.namedChildren(), ([name, child]) => `${name} ${child.constructor.name}`);

class Add extends Layer {
  readonly #value: number;

  constructor(value: number) {
    super();
    this.#value = value;
  }

  override forward(x: Tensor): Tensor {
    return tf.add(x, this.#value);
  }
}

class Double extends Layer {
  override forward(x: Tensor): Tensor {
    return tf.mul(x, 2);
  }
}

describe('Sequential', () => {
  const three = () => new Sequential(new ReLU(), new Linear(2, 2), new Tanh());

  it('runs its layers in order', () => {
    assert.equal(new Sequential(new Add(1), new Double(), new Add(3)).forward(tf.scalar(2)).item(), 9);
  });

  it('names layers by position', () => {
    assert.deepEqual(members(three()), ['0 ReLU', '1 Linear', '2 Tanh']);
    assert.deepEqual(members(new Sequential([new ReLU(), new Tanh()])), ['0 ReLU', '1 Tanh']);
    assert.deepEqual(Object.keys(three().stateDict()), ['1.weight', '1.bias']);
    assert.deepEqual(members(new Sequential()), []);
  });

  it('takes names', () => {
    const pairs = [['act', new ReLU()] as const, ['fc', new Linear(2, 2)] as const];
    for (const net of [new Sequential(...pairs), new Sequential(pairs), new Sequential([...pairs])]) {
      assert.deepEqual(members(net), ['act ReLU', 'fc Linear']);
      assert.equal(net.get('fc'), net.at(1));
    }
    assert.deepEqual(members(new Sequential(['only', new ReLU()])), ['only ReLU']);
    assert.deepEqual(members(new Sequential([['only', new ReLU()]])), ['only ReLU']);
  });

  it('gives layers by position, from either end, and by name', () => {
    const net = three();
    const [first, second, third] = net;
    assert.equal(net.length, 3);
    assert.equal(net.at(0), first);
    assert.equal(net.at(-1), third);
    assert.equal(net.at(-3), first);
    assert.equal(net.get('1'), second);
    assert.equal(net.get('fc'), undefined);
    assert.deepEqual([...net], [first, second, third]);
  });

  it('gives a part as a new Sequential named from 0, with the same layers', () => {
    const net = three();
    const rest = net.slice(1);
    assert.ok(rest instanceof Sequential);
    assert.deepEqual(members(rest), ['0 Linear', '1 Tanh']);
    assert.equal(rest.at(0), net.at(1));
    assert.deepEqual(members(net.slice(0, -1)), ['0 ReLU', '1 Linear']);
    assert.deepEqual(members(net.slice()), members(net));
  });

  it('grows at the end', () => {
    const net = new Sequential(new Add(1));
    assert.equal(net.append(new Double()), net);
    net.addSublayer('last', new Add(5));
    assert.deepEqual(members(net), ['0 Add', '1 Double', 'last Add']);
    assert.equal(net.forward(tf.scalar(1)).item(), 9);
    net.addSublayer('1', new Add(0));
    assert.deepEqual(members(net), ['0 Add', '1 Add', 'last Add']);
    assert.equal(net.forward(tf.scalar(1)).item(), 7);
  });

  it('runs a layer that is in it twice, twice', () => {
    const double = new Double();
    const net = new Sequential(double, double);
    assert.equal(net.forward(tf.scalar(3)).item(), 12);
    assert.deepEqual(members(net), ['0 Double']);
  });

  it('refuses what is out of range or no layer', () => {
    for (const index of [3, -4]) {
      assert.throws(() => three().at(index), {
        code: 'OUT_OF_RANGE',
        message: `index must lie between -3 and 2, got ${index}`,
      });
    }
    assert.throws(() => three().at(0.5), { code: 'INVALID_ARGUMENT', message: /index must be an integer/ });
    assert.throws(() => new Sequential(3 as unknown as AnyLayer), {
      code: 'INVALID_ARGUMENT',
      message: 'layer must be a Layer, got 3',
    });
    assert.throws(() => three().append(null as unknown as AnyLayer), { code: 'INVALID_ARGUMENT' });
  });
});

describe('LayerList', () => {
  const list = () => new LayerList([new ReLU(), new Tanh()]);

  it('holds layers by position', () => {
    const layers = list();
    assert.equal(layers.length, 2);
    assert.ok(layers.at(0) instanceof ReLU);
    assert.ok(layers.at(-1) instanceof Tanh);
    assert.deepEqual(members(layers), ['0 ReLU', '1 Tanh']);
    assert.deepEqual([...layers], layers.children());
  });

  it('appends, inserts, replaces and removes, and numbers anew', () => {
    const layers = list();
    layers.insert(1, new Sigmoid());
    assert.deepEqual(members(layers), ['0 ReLU', '1 Sigmoid', '2 Tanh']);
    assert.ok(layers.remove(0) instanceof ReLU);
    assert.deepEqual(members(layers), ['0 Sigmoid', '1 Tanh']);
    layers.append(new Linear(1, 1)).extend([new ReLU(), new Tanh()]);
    assert.deepEqual(members(layers), ['0 Sigmoid', '1 Tanh', '2 Linear', '3 ReLU', '4 Tanh']);
    layers.insert(-1, new Identity());
    assert.deepEqual(members(layers).slice(3), ['3 ReLU', '4 Identity', '5 Tanh']);
    layers.insert(6, new Sigmoid());
    assert.ok(layers.at(6) instanceof Sigmoid);
    layers.set(-1, new ReLU());
    assert.ok(layers.at(6) instanceof ReLU);
    assert.deepEqual(Object.keys(layers.stateDict()), ['2.weight', '2.bias']);
    assert.ok(layers.remove(-1) instanceof ReLU);
    assert.equal(layers.length, 6);
  });

  it('belongs to a network', () => {
    class Net extends Layer {
      blocks = new LayerList([new Linear(1, 1), new Linear(1, 1)]);
    }
    assert.deepEqual(Object.keys(new Net().stateDict()), [
      'blocks.0.weight',
      'blocks.0.bias',
      'blocks.1.weight',
      'blocks.1.bias',
    ]);
  });

  it('refuses what is out of range or no layer, and computes nothing', () => {
    const outside: ((layers: LayerList) => unknown)[] = [
      (layers) => layers.at(2),
      (layers) => layers.remove(-3),
      (layers) => void layers.set(2, new ReLU()),
      (layers) => void layers.insert(3, new ReLU()),
    ];
    for (const run of outside) assert.throws(() => run(list()), { code: 'OUT_OF_RANGE', message: /index must lie/ });
    assert.throws(() => list().append({} as AnyLayer), { code: 'INVALID_ARGUMENT', message: /layer must be a Layer/ });
    assert.throws(() => (list() as AnyLayer).forward(), { message: 'LayerList must define forward' });
  });
});

describe('LayerDict', () => {
  it('holds layers by name, in order of insertion', () => {
    const layers = new LayerDict({ act: new ReLU(), fc: new Linear(1, 1) });
    assert.equal(layers.length, 2);
    assert.deepEqual([...layers.keys()], ['act', 'fc']);
    assert.deepEqual([...layers.values()], layers.children());
    assert.deepEqual(
      [...layers.entries()].map(([name, layer]) => `${name} ${layer.constructor.name}`),
      ['act ReLU', 'fc Linear'],
    );
    assert.equal(layers.has('act'), true);
    assert.equal(layers.has('none'), false);
    assert.equal(layers.get('none'), undefined);
    assert.ok(layers.get('fc') instanceof Linear);
    assert.deepEqual(Object.keys(layers.stateDict()), ['fc.weight', 'fc.bias']);
  });

  it('sets, takes out and clears', () => {
    const layers = new LayerDict([['a', new ReLU()]]);
    assert.equal(layers.set('b', new Tanh()), layers);
    layers.update({ a: new Sigmoid(), c: new Identity() });
    layers.update([['d', new ReLU()]]);
    assert.deepEqual(members(layers), ['a Sigmoid', 'b Tanh', 'c Identity', 'd ReLU']);
    assert.ok(layers.pop('b') instanceof Tanh);
    assert.deepEqual(members(layers), ['a Sigmoid', 'c Identity', 'd ReLU']);
    layers.clear();
    assert.equal(layers.length, 0);
  });

  it('refuses unknown and impossible names', () => {
    const layers = new LayerDict();
    assert.throws(() => layers.pop('a'), { code: 'OUT_OF_RANGE', message: 'there is no layer "a"' });
    assert.throws(() => layers.set('a.b', new ReLU()), { code: 'INVALID_ARGUMENT', message: /dot, got "a.b"/ });
    assert.throws(() => layers.set('', new ReLU()), { code: 'INVALID_ARGUMENT', message: /must not be empty/ });
    assert.throws(() => layers.set('a', 1 as unknown as AnyLayer), { code: 'INVALID_ARGUMENT' });
  });
});

describe('ParameterList', () => {
  const make = (value: number): Parameter => {
    const parameter = new Layer().createParameter([1]);
    parameter.setValue(tf.tensor1d([value]));
    return parameter;
  };

  it('holds parameters by position', () => {
    const list = new ParameterList([make(1), make(2)]);
    assert.equal(list.append(make(3)), list);
    assert.equal(list.length, 3);
    assert.deepEqual(Object.keys(list.stateDict()), ['0', '1', '2']);
    assertTensor(list.at(-1), [1], [3]);
    list.set(0, make(9));
    assertTensor(list.at(0), [1], [9]);
    assert.deepEqual([...list], list.parameters());
    const outer = new Sequential(['list', list]);
    assert.deepEqual(Object.keys(outer.stateDict()), ['list.0', 'list.1', 'list.2']);
  });

  it('refuses what is out of range or no parameter', () => {
    const list = new ParameterList([make(1)]);
    assert.throws(() => list.at(1), { code: 'OUT_OF_RANGE', message: 'index must lie between -1 and 0, got 1' });
    assert.throws(() => list.append(tf.zeros([1]) as Parameter), {
      code: 'INVALID_ARGUMENT',
      message: /parameter must be a Parameter, got/,
    });
  });
});

describe('what a container holds beside its list', () => {
  it('belongs to it: fields of a subclass, and what is added by name', () => {
    class Extended extends Sequential {
      extra = new Linear(1, 1);
    }
    assert.deepEqual(Object.keys(new Extended(new Linear(1, 1)).stateDict()), [
      '0.weight',
      '0.bias',
      'extra.weight',
      'extra.bias',
    ]);
    const list = new LayerList([new Identity()]);
    list.addSublayer('x', new Linear(1, 1));
    assert.deepEqual(members(list), ['0 Identity', 'x Linear']);
    const parameters = new ParameterList();
    parameters.addParameter('w', parameters.createParameter([2]));
    assert.deepEqual(Object.keys(parameters.stateDict()), ['w']);
  });
});
